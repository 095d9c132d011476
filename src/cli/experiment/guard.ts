import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Readable, Writable } from 'node:stream';
import type { Guard, GuardOrder } from '../../experiments/journal/guard.ts';
import { stateDirectory } from '../../experiments/journal/local-journal.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { programPath } from '../../lab/programs.ts';
import type { Io } from '../io.ts';
import type { ConnectionOptions } from '../input/source-options.ts';

/** A guard process that is started when it is first needed. `close` ends it once every run was released. */
export interface GuardProcess extends Guard {
  close(): Promise<void>;
}

interface Started {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly lines: Interface;
  readonly answers: AsyncIterator<string>;
}

/**
 * Starts the guard in a session of its own, so that what ends the conductor (SIGKILL, a closed terminal, Ctrl-C) does
 * not end it. It notices the end of the conductor by the end of its standard input.
 */
export function createGuard(options: ConnectionOptions, io: Io): GuardProcess {
  let started: Started | undefined;
  const start = (): Started => {
    const state = stateDirectory(io.env);
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const log = openSync(join(state, 'guard.log'), 'a', 0o600);
    const child = spawn(
      process.execPath,
      [programPath('cli/experiment/guard-process'), JSON.stringify(connection(options))],
      {
        cwd: io.cwd,
        env: { ...io.env, SEAWORTHY_STATE: state },
        stdio: ['pipe', 'pipe', log],
        detached: true,
      },
    );
    closeSync(log);
    const { stdin, stdout } = child;
    if (!stdin || !stdout) throw new Error('a pipe was asked for and not given');
    child.on('error', () => undefined);
    stdin.on('error', () => undefined);
    const lines = createInterface({ input: stdout });
    return { child, stdin, stdout, lines, answers: lines[Symbol.asyncIterator]() };
  };
  const tell = async (order: GuardOrder): Promise<void> => {
    started ??= start();
    started.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = await started.answers.next();
    if (answer.done === true)
      throw new SeaworthyError(
        'SW_GUARD_NOT_STARTED',
        'the guard process that would clean up if this one were killed has ended',
        {
          hint: `Its last words are in ${join(stateDirectory(io.env), 'guard.log')}. Nothing was changed.`,
        },
      );
  };
  return {
    watch: (run, ttlMs) => tell({ kind: 'watch', run, ttlMs }),
    release: async (run) => {
      if (started) await tell({ kind: 'release', run }).catch(() => undefined);
    },
    async close() {
      if (!started) return;
      const { child, stdin, stdout, lines } = started;
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      stdin.end();
      // A run with residue keeps the guard busy; it goes on by itself.
      const patience = new AbortController();
      await Promise.race([ended, setTimeout(2_000, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
      child.unref();
      lines.close();
      stdout.destroy();
      started = undefined;
    },
  };
}

/** Hands a guard to some work, and ends it when that ends. */
export async function withGuard<T>(options: ConnectionOptions, io: Io, work: (guard: Guard) => Promise<T>): Promise<T> {
  const guard = createGuard(options, io);
  try {
    return await work(guard);
  } finally {
    await guard.close();
  }
}

/** The flags that say which cluster, and no others. */
function connection(options: ConnectionOptions): ConnectionOptions {
  const { lab, kubeconfig, context, cluster, user, as, asGroup, requestTimeout } = options;
  return Object.fromEntries(
    Object.entries({ lab, kubeconfig, context, cluster, user, as, asGroup, requestTimeout }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
