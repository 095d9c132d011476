import { basename } from 'node:path';
import { systemReason } from '../model/errors.ts';
import { run } from './run.ts';

const interrupted = new AbortController();
const interrupt = (): void => {
  interrupted.abort();
  // Whoever waits for a stdin that does not end waits no longer.
  process.stdin.destroy();
};
process.once('SIGINT', interrupt);
process.once('SIGTERM', interrupt);
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`error SW_CANNOT_WRITE: the output can't be written: ${systemReason(error)}\n`);
  process.exit(2);
});

const calledAs = basename(process.env['SEAWORTHY_CALLED_AS'] ?? 'seaworthy');
process.exitCode = await run(
  process.argv.slice(2),
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    signal: interrupted.signal,
    exitCode: 0,
  },
  calledAs,
);
