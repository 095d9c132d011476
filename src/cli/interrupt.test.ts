import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('an interrupted command does not wait for the end of its stdin', async () => {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), 'verify', '-f', '-'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  program.stdin.on('error', () => undefined);
  const ended = once(program, 'exit');
  // More than a pipe holds: once it is taken, the program is reading.
  program.stdin.write('# a comment without an end '.repeat(100_000));
  await once(program.stdin, 'drain');
  program.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
});
