import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { ExperimentRun } from '../../experiments/design/run-record.ts';
import { storedIntents } from '../../experiments/journal/cluster-journal.ts';
import {
  conductorLives,
  listRuns,
  readJournal,
  runDirectory,
  stateDirectory,
} from '../../experiments/journal/local-journal.ts';
import { injectionStates } from '../../experiments/journal/records.ts';
import { recover } from '../../experiments/journal/recover.ts';
import { enforceBlastRadius, prepare } from '../../experiments/plan.ts';
import { runExperiment } from '../../experiments/session.ts';
import { readLabState } from '../../lab/state.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { abortOnKey } from '../experiment/abort-key.ts';
import {
  addExperimentOptions,
  openExperiment,
  ourselves,
  readFiles,
  recoveryContext,
  withCluster,
  type ExperimentOptions,
} from '../experiment/context.ts';
import { eventLine, planScreen, runScreen } from '../experiment/screen.ts';
import { closeRunsOfEndedLabs } from '../experiment/ended-labs.ts';
import { createGuard } from '../experiment/guard.ts';
import type { Io } from '../io.ts';
import { addOutputOption, formatTable, printDocument, stylesFor, write } from '../output.ts';
import { addConnectionOptions, type ConnectionOptions } from '../input/source-options.ts';

/** `experiment`: a hypothesis under fault, and the guaranteed way back. */
export function registerExperiment(program: Command, io: Io): void {
  const experiment = program.command('experiment').description('try claims while something is broken on purpose');
  const plan = experiment
    .command('plan')
    .description('show what an experiment would touch and look at; changes nothing');
  addOutputOption(addExperimentOptions(plan), ['table', 'json', 'yaml']).action((options: ExperimentOptions) =>
    showPlans(options, io),
  );
  const run = experiment
    .command('run')
    .description('run an experiment; q or Ctrl-C stops it and takes everything back')
    .option('--yes', 'do not ask first');
  addOutputOption(addExperimentOptions(run), ['table', 'json', 'yaml']).action((options: RunFlags) =>
    runAll(options, io),
  );
  const back = experiment
    .command('recover')
    .description('undo what dead runs left behind, from the journal in the cluster and the local one')
    .option('--run <run>', 'only this run')
    .option('--force', 'also runs that still show signs of life');
  addOutputOption(addConnectionOptions(back), ['table', 'json', 'yaml']).action((options: RecoverFlags) =>
    recoverRuns(options, io),
  );
  const status = experiment.command('status').description('what is in effect in the cluster now');
  addOutputOption(addConnectionOptions(status), ['table', 'json', 'yaml']).action((options: StatusFlags) =>
    showStatus(options, io),
  );
  const list = experiment.command('list').description('the runs kept on this machine');
  addOutputOption(list, ['table', 'json', 'yaml']).action((options: StatusFlags) => listLocal(options, io));
  experiment
    .command('abort')
    .description('stop a run of this machine; it takes everything back itself')
    .argument('[run]', 'the run; the newest one that goes on when absent')
    .action((given: string | undefined) => abortRun(given, io));
}

interface RunFlags extends ExperimentOptions {
  readonly yes?: boolean;
}
interface StatusFlags extends ConnectionOptions {
  readonly output: 'table' | 'json' | 'yaml';
}
interface RecoverFlags extends StatusFlags {
  readonly run?: string;
  readonly force?: boolean;
}

async function showPlans(options: ExperimentOptions, io: Io): Promise<void> {
  const files = await readFiles(options, io);
  await withCluster(options, io, async (client) => {
    for (const experiment of files.experiments) {
      const { session, claims } = await openExperiment(experiment, files.claims, options, client, io);
      const { plan } = await prepare(
        experiment,
        { claims, ourselves: ourselves(io), seed: session.seed },
        session.world,
        session.at,
      );
      if (!(await printDocument(io, options.output, plan))) await write(io.stdout, planScreen(plan, stylesFor(io)));
    }
  });
}

async function runAll(options: RunFlags, io: Io): Promise<void> {
  const files = await readFiles(options, io);
  await withCluster(options, io, async (client) => {
    for (const experiment of files.experiments) {
      const { session, claims } = await openExperiment(experiment, files.claims, options, client, io);
      const prepared = await prepare(
        experiment,
        { claims, ourselves: ourselves(io), seed: session.seed },
        session.world,
        session.at,
      );
      await write(io.stderr, planScreen(prepared.plan, stylesFor(io, io.stderr)));
      enforceBlastRadius(prepared.plan.blastRadius);
      if (options.yes !== true && !(await confirmed(io))) return;
      io.stderr.write(`run ${session.at.run}; q or Ctrl-C stops it\n`);
      const key = abortOnKey(io);
      const guard = createGuard(options, io);
      const begun = io.now().getTime();
      try {
        const ran = await runExperiment(
          prepared,
          { ...session, at: { ...session.at, signal: key.signal } },
          {
            state: stateDirectory(io.env),
            ourselves: ourselves(io),
            guard,
            onEvent(event) {
              const line = eventLine(event);
              if (line !== undefined)
                io.stderr.write(`${((io.now().getTime() - begun) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
            },
          },
        );
        keepRun(ran, io);
        if (!(await printDocument(io, options.output, ran))) await write(io.stdout, runScreen(ran, stylesFor(io)));
        if (ran.residue.length > 0) io.exitCode = 3;
        if (ran.state === 'aborted') io.exitCode = 130;
      } finally {
        key.release();
        await guard.close();
      }
    }
  });
}

async function confirmed(io: Io): Promise<boolean> {
  const stdin = io.stdin as NodeJS.ReadStream;
  if (!stdin.isTTY) {
    throw new SeaworthyError('SW_EXPERIMENT_NOT_CONFIRMED', 'nobody is there to say yes to what is shown above', {
      hint: 'Read it, then run again with --yes. Nothing was changed.',
    });
  }
  const asked = createInterface({ input: io.stdin, output: io.stderr });
  const answer = await asked.question('Go on? Type yes: ');
  asked.close();
  if (answer.trim() === 'yes') return true;
  io.stderr.write('Nothing was changed.\n');
  return false;
}

function keepRun(run: ExperimentRun, io: Io): void {
  writeFileSync(join(runDirectory(stateDirectory(io.env), run.metadata.run), 'run.json'), JSON.stringify(run, null, 2));
}

async function recoverRuns(options: RecoverFlags, io: Io): Promise<void> {
  const closed = options.lab === true ? await closeRunsOfEndedLabs(stateDirectory(io.env), io.now) : [];
  const sayClosed = async (): Promise<void> => {
    for (const run of closed)
      await write(io.stdout, `closed  ${run}  it ended with its lab, which took all of it along\n`);
  };
  if (closed.length > 0 && readLabState(io.env).kind === 'absent') {
    const nothing = { recovered: [], left: [], elsewhere: [], residue: [] };
    const document = { apiVersion: API_VERSION, kind: 'ExperimentRecovery', ...nothing, closed };
    if (!(await printDocument(io, options.output, document))) await sayClosed();
    return;
  }
  await withCluster(options, io, async (client) => {
    const found = await recover(
      {
        state: stateDirectory(io.env),
        ...(options.run === undefined ? {} : { run: options.run }),
        force: options.force === true,
      },
      recoveryContext(client, io),
    );
    if (!found.known) {
      throw new SeaworthyError('SW_EXPERIMENT_RUN_NOT_FOUND', `no journal knows of a run ${options.run}`, {
        hint: 'seaworthy experiment list names the runs of this machine, and experiment status those in the cluster.',
      });
    }
    const residue = found.recovered.flatMap((one) => one.residue);
    const document = {
      apiVersion: API_VERSION,
      kind: 'ExperimentRecovery',
      recovered: found.recovered.map(({ injection, says, residue }) => ({
        run: injection.run,
        fault: injection.fault,
        says,
        residue,
      })),
      left: found.left,
      elsewhere: found.elsewhere,
      residue,
      closed,
    };
    if (residue.length > 0 || found.left.length > 0) io.exitCode = 3;
    if (await printDocument(io, options.output, document)) return;
    await sayClosed();
    for (const { injection, says, residue } of found.recovered)
      await write(
        io.stdout,
        `${residue.length === 0 ? 'undone' : 'RESIDUE'}  ${injection.run}  ${injection.fault}: ${says}\n`,
      );
    for (const { what, because } of found.left) await write(io.stdout, `left    ${what}: ${because}\n`);
    for (const { what, because } of found.elsewhere)
      await write(io.stdout, `not here  ${what}: ${because}; recover it with its context\n`);
    for (const { what, remedy } of residue) await write(io.stdout, `still there: ${what}\n  ${remedy}\n`);
    if (found.recovered.length + found.left.length === 0) await write(io.stdout, 'There is nothing to recover.\n');
  });
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
    if (
      await printDocument(io, options.output, {
        apiVersion: API_VERSION,
        kind: 'ExperimentStatus',
        intents,
      })
    )
      return;
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
