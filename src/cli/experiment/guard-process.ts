/**
 * The guard of a conductor as a process of its own: `guard-process.ts CONNECTION` with the flags of the cluster as JSON,
 * orders on standard input, answers on standard output. See `standGuard`.
 */
import { createInterface } from 'node:readline';
import { readJournal, stateDirectory } from '../../experiments/journal/local-journal.ts';
import { standGuard } from '../../experiments/journal/guard.ts';
import { recover } from '../../experiments/journal/recover.ts';
import { systemClock } from '../../experiments/system.ts';
import type { Io } from '../io.ts';
import { openCluster, type ConnectionOptions } from '../input/source-options.ts';
import { recoveryContext } from './context.ts';
import { closeRunsOfEndedLabs } from './ended-labs.ts';

// It lives on when the terminal of the conductor goes away.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);

const options = JSON.parse(process.argv[2] ?? '{}') as ConnectionOptions;
const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  signal: new AbortController().signal,
  exitCode: 0,
};

await standGuard({
  orders: createInterface({ input: process.stdin }),
  answer: (line) => void process.stdout.write(`${line}\n`),
  clock: systemClock,
  graceMs: 10_000,
  patienceMs: 15 * 60_000,
  async recover(run) {
    if (options.lab === true) {
      await closeRunsOfEndedLabs(stateDirectory(io.env), io.now);
      if (readJournal(stateDirectory(io.env), run).some(({ kind }) => kind === 'end')) return true;
    }
    const client = openCluster(options, io);
    try {
      const found = await recover({ state: stateDirectory(io.env), run, force: true }, recoveryContext(client, io));
      const residue = found.recovered.flatMap((one) => one.residue);
      for (const { injection, says } of found.recovered) process.stderr.write(`${run} ${injection.fault}: ${says}\n`);
      for (const { what, because } of found.left) process.stderr.write(`${run} ${what}: ${because}\n`);
      return residue.length === 0 && found.left.length === 0;
    } finally {
      client.close();
    }
  },
});
