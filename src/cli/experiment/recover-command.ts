import type { Command } from 'commander';
import { stateDirectory } from '../../experiments/journal/local-journal.ts';
import { recover, type Recovery } from '../../experiments/journal/recover.ts';
import { readLabState } from '../../lab/state.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { addConnectionOptions, type ConnectionOptions } from '../input/source-options.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, write } from '../output.ts';
import { recoveryContext, withCluster } from './context.ts';
import { closeRunsOfEndedLabs } from './ended-labs.ts';

interface RecoverFlags extends ConnectionOptions {
  readonly output: 'table' | 'json' | 'yaml';
  readonly run?: string;
  readonly force?: boolean;
}

/** `experiment recover`: undoes what dead runs left behind. */
export function registerRecover(experiment: Command, io: Io): void {
  const back = experiment
    .command('recover')
    .description('undo what dead runs left behind, from the journal in the cluster and the local one')
    .option('--run <run>', 'only this run')
    .option('--force', 'also runs that still show signs of life');
  addOutputOption(addConnectionOptions(back), ['table', 'json', 'yaml']).action((options: RecoverFlags) =>
    recoverRuns(options, io),
  );
}

async function recoverRuns(options: RecoverFlags, io: Io): Promise<void> {
  const closed = options.lab === true ? await closeRunsOfEndedLabs(stateDirectory(io.env), io.now) : [];
  if (closed.length > 0 && readLabState(io.env).kind === 'absent') {
    const document = recoveryDocument({ recovered: [], left: [], elsewhere: [] }, closed);
    if (!(await printDocument(io, options.output, document))) await write(io.stdout, closedLines(closed).join(''));
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
    const document = recoveryDocument(found, closed);
    if (document.residue.length > 0 || found.left.length > 0) io.exitCode = 3;
    if (await printDocument(io, options.output, document)) return;
    await write(io.stdout, [...closedLines(closed), ...recoveryLines(found)].join(''));
  });
}

type Found = Pick<Recovery, 'recovered' | 'left' | 'elsewhere'>;

function recoveryDocument({ recovered, left, elsewhere }: Found, closed: readonly string[]) {
  return {
    apiVersion: API_VERSION,
    kind: 'ExperimentRecovery',
    recovered: recovered.map(({ injection: { run, fault }, says, residue }) => ({ run, fault, says, residue })),
    left,
    elsewhere,
    residue: recovered.flatMap(({ residue }) => residue),
    closed,
  };
}

function closedLines(closed: readonly string[]): readonly string[] {
  return closed.map((run) => `closed  ${run}  it ended with its lab, which took all of it along\n`);
}

function recoveryLines({ recovered, left, elsewhere }: Found): readonly string[] {
  const word = (residue: readonly unknown[]): string => (residue.length === 0 ? 'undone' : 'RESIDUE');
  const residue = recovered.flatMap((one) => one.residue);
  return [
    ...recovered.map((one) => `${word(one.residue)}  ${one.injection.run}  ${one.injection.fault}: ${one.says}\n`),
    ...left.map(({ what, because }) => `left    ${what}: ${because}\n`),
    ...elsewhere.map(({ what, because }) => `not here  ${what}: ${because}; recover it with its context\n`),
    ...residue.map(({ what, remedy }) => `still there: ${what}\n  ${remedy}\n`),
    ...(recovered.length + left.length === 0 ? ['There is nothing to recover.\n'] : []),
  ];
}
