import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { ExperimentRun } from '../../experiments/design/run-record.ts';
import { runDirectory, stateDirectory } from '../../experiments/journal/local-journal.ts';
import { enforceBlastRadius } from '../../experiments/plan.ts';
import { runExperiment } from '../../experiments/session.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, stylesFor, write } from '../output.ts';
import { abortOnKey } from './abort-key.ts';
import {
  addExperimentOptions,
  ourselves,
  preparedExperiments,
  readFiles,
  withCluster,
  type ExperimentOptions,
} from './context.ts';
import { createGuard } from './guard.ts';
import { eventLine, planScreen, runScreen } from './screen.ts';

interface RunFlags extends ExperimentOptions {
  readonly yes?: boolean;
}

/** `experiment run`: shows the plan, asks, runs, and takes everything back. */
export function registerRun(experiment: Command, io: Io): void {
  const run = experiment
    .command('run')
    .description('run an experiment; q or Ctrl-C stops it and takes everything back')
    .option('--yes', 'do not ask first');
  addOutputOption(addExperimentOptions(run), ['table', 'json', 'yaml']).action((options: RunFlags) =>
    runAll(options, io),
  );
}

async function runAll(options: RunFlags, io: Io): Promise<void> {
  const files = await readFiles(options, io);
  await withCluster(options, io, async (client) => {
    for await (const { prepared, session } of preparedExperiments(files, options, client, io)) {
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
