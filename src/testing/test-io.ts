import { PassThrough } from 'node:stream';
import { run } from '../cli/run.ts';
import type { Io } from '../cli/io.ts';

/** What a command line printed and the status it ended with. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line through the public door, with an environment of its own. */
export async function runCommand(
  args: readonly string[],
  world: { readonly cwd: string; readonly env?: Io['env']; readonly stdin?: string; readonly signal?: AbortSignal },
): Promise<Ran> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stdin = new PassThrough();
  stdin.end(world.stdin ?? '');
  const output = Promise.all([text(stdout), text(stderr)]);
  const status = await run(args, {
    stdin,
    stdout,
    stderr,
    env: { HOME: world.cwd, ...world.env },
    cwd: world.cwd,
    now: () => new Date('2026-01-01T00:00:00Z'),
    signal: world.signal ?? new AbortController().signal,
    exitCode: 0,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { status, stdout: out, stderr: err };
}

async function text(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
