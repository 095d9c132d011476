import type { Command } from 'commander';
import { storedIntents } from '../../experiments/journal/cluster-journal.ts';
import { conductorLives, listRuns, readJournal, stateDirectory } from '../../experiments/journal/local-journal.ts';
import { injectionStates } from '../../experiments/journal/records.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { addConnectionOptions, type ConnectionOptions } from '../input/source-options.ts';
import type { Io } from '../io.ts';
import { addOutputOption, formatTable, printDocument, write } from '../output.ts';
import { withCluster } from './context.ts';

interface StatusFlags extends ConnectionOptions {
  readonly output: 'table' | 'json' | 'yaml';
}

/** `experiment status`: what is in effect in the cluster. */
export function registerStatus(experiment: Command, io: Io): void {
  const status = experiment.command('status').description('what is in effect in the cluster now');
  addOutputOption(addConnectionOptions(status), ['table', 'json', 'yaml']).action((options: StatusFlags) =>
    showStatus(options, io),
  );
}

/** `experiment list`: the runs of this machine. */
export function registerList(experiment: Command, io: Io): void {
  const list = experiment.command('list').description('the runs kept on this machine');
  addOutputOption(list, ['table', 'json', 'yaml']).action((options: StatusFlags) => listLocal(options, io));
}

/** `experiment abort`: tells a run of this machine to end. */
export function registerAbort(experiment: Command, io: Io): void {
  experiment
    .command('abort')
    .description('stop a run of this machine; it takes everything back itself')
    .argument('[run]', 'the run; the newest one that goes on when absent')
    .action((given: string | undefined) => abortRun(given, io));
}

async function showStatus(options: StatusFlags, io: Io): Promise<void> {
  await withCluster(options, io, async (client) => {
    const stored = await storedIntents(client);
    if (stored.kind !== 'ok')
      throw new SeaworthyError('SW_CLUSTER_REFUSED', `intents can't be listed: ${stored.because}`, { exit: 4 });
    const intents = stored.value.map(({ ref, intent, expires }) => ({
      run: intent?.injection.run ?? 'unknown',
      experiment: intent?.experiment ?? 'unknown',
      fault: intent?.injection.fault ?? 'unknown',
      says: intent?.injection.says ?? `${ref.namespace}/${ref.name} can't be read`,
      ...(expires ? { expires: expires.toISOString(), overdue: expires < io.now() } : {}),
    }));
    const document = { apiVersion: API_VERSION, kind: 'ExperimentStatus', intents };
    if (await printDocument(io, options.output, document)) return;
    if (intents.length === 0) await write(io.stdout, 'No experiment is in effect.\n');
    else
      await write(
        io.stdout,
        formatTable(
          ['RUN', 'EXPERIMENT', 'FAULT', 'WHAT'],
          intents.map((one) => [one.run, one.experiment, one.fault, one.says]),
        ),
      );
  });
}

async function listLocal(options: StatusFlags, io: Io): Promise<void> {
  const state = stateDirectory(io.env);
  const runs = listRuns(state).map((run) => {
    const entries = readJournal(state, run);
    const begin = entries.find((entry) => entry.kind === 'begin');
    const end = entries.findLast((entry) => entry.kind === 'end');
    const open = injectionStates(entries).filter((one) => one.state !== 'undone').length;
    const stateOf = end?.state ?? (conductorLives(entries) ? 'running' : 'dead');
    return { run, experiment: begin?.experiment ?? '', context: begin?.context ?? '', state: stateOf, open };
  });
  if (await printDocument(io, options.output, { apiVersion: API_VERSION, kind: 'ExperimentList', runs })) return;
  if (runs.length === 0) await write(io.stdout, 'No runs are kept here.\n');
  else
    await write(
      io.stdout,
      formatTable(
        ['RUN', 'EXPERIMENT', 'CONTEXT', 'STATE', 'OPEN'],
        runs.map((one) => [one.run, one.experiment, one.context, one.state, `${one.open}`]),
      ),
    );
}

function abortRun(given: string | undefined, io: Io): void {
  const state = stateDirectory(io.env);
  const candidates = given === undefined ? [...listRuns(state)].reverse() : [given];
  for (const run of candidates) {
    const entries = readJournal(state, run);
    const begin = entries.find((entry) => entry.kind === 'begin');
    if (!begin || !conductorLives(entries)) continue;
    process.kill(begin.process.pid, 'SIGINT');
    io.stderr.write(`run ${run} was told to stop; it takes everything back itself\n`);
    return;
  }
  throw new SeaworthyError(
    'SW_EXPERIMENT_NOT_RUNNING',
    given === undefined ? 'no run goes on here' : `run ${given} does not go on here`,
    {
      hint: 'If its process is dead, clean up with: seaworthy experiment recover.',
    },
  );
}
