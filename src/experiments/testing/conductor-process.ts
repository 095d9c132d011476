import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A command of ours in a process of its own, which may be killed. */
export interface ConductorProcess {
  /** Waits until it has written this; throws when it ends before. */
  says(text: string): Promise<void>;
  output(): string;
  /** Its exit status; null when it was killed. */
  ended(): Promise<number | null>;
  kill(): Promise<void>;
  /** The dead man's switch beside it, if it has one by now. */
  killGuard(): void;
  /** Both, as the loss of the machine would. */
  killAll(): Promise<void>;
}

/** Starts `seaworthy` with these arguments in the checkout `root`. */
export function startConductor(
  args: readonly string[],
  { root, env }: { readonly root: string; readonly env: Readonly<Record<string, string | undefined>> },
): ConductorProcess {
  const child: ChildProcess = spawn(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((done) => void child.once('close', (code) => done(code)));
  const killGuard = (): void => {
    for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGKILL');
  };
  return {
    output: () => output,
    ended: () => exited,
    async says(text) {
      await until(async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`);
        return output.includes(text);
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    killGuard,
    async killAll() {
      killGuard();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The processes a process has started. */
function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

const PATIENCE_MS = 60_000;

/** Waits for a condition, for a minute at most. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('gave up waiting');
    await delay(100);
  }
}
