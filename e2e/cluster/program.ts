import { spawn } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the program as a person would, in a process group of its own: an interrupt of ours reaches it through the signal
 * alone, once, and we wait until it has taken back what it did.
 */
export function seaworthy(
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal },
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const interrupt = (): void => void child.kill('SIGINT');
    options.signal?.addEventListener('abort', interrupt, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', fail);
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', interrupt);
      done({ code: code ?? 1, stdout, stderr });
    });
  });
}

/** The same with `-o json`: the document it printed. Throws what it said on stderr when there is none. */
export async function document<T>(args: readonly string[], options: Parameters<typeof seaworthy>[1]): Promise<T> {
  const ended = await seaworthy([...args, '-o', 'json'], options);
  if (ended.code !== 0) throw new Error(`seaworthy ${args.join(' ')} ended with ${ended.code}:\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
}
