import { spawn } from 'node:child_process';
import { SYSTEM_PATH } from '../network/commands.ts';
import { execCommand, type RunningContainer } from './container.ts';

export interface CommandOutcome {
  readonly code: number;
  /** The first 4 KiB of both streams. */
  readonly output: string;
}

const OUTPUT_LIMIT = 4_096;

/** Runs a command in a container to its end, as probes and hooks need it. Never rejects. */
export async function runInContainer(
  container: RunningContainer,
  command: readonly string[],
  timeoutMs: number,
): Promise<CommandOutcome> {
  const [program, ...args] = (await execCommand(container, command, false)) ?? [];
  if (program === undefined) return { code: 126, output: 'the container does not run' };
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: SYSTEM_PATH }, cwd: '/' });
    let output = '';
    const note = (chunk: Buffer): void => {
      if (output.length < OUTPUT_LIMIT) output += chunk.toString();
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve({ code: 124, output: `command timed out after ${timeoutMs} ms` });
    }, timeoutMs);
    child.on('error', (error) => resolve({ code: 126, output: error.message }));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 137, output });
    });
  });
}
