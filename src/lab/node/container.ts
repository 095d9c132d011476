import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createContainerCgroup, removeContainerCgroup, wasOutOfMemory, type ContainerLimits } from '../cgroups.ts';
import { SYSTEM_PATH } from '../network/commands.ts';
import { containerScript, withEnvironment, words, type ContainerPlan } from './container-script.ts';
import { recordOutput } from './container-log.ts';
import { setprivArguments, type Credentials } from './security.ts';
import type { Sandbox } from './sandbox.ts';

export interface ContainerExit {
  readonly exitCode: number;
  readonly signal: number;
  readonly reason: 'Completed' | 'Error' | 'OOMKilled' | 'StartError';
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** A running container: a process that is init of its own PID namespace. */
export interface RunningContainer {
  readonly id: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly logFile: string;
  readonly cgroup: string;
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /**
   * Process id on the node of the container's init, once it has left the node's file system behind and its program has
   * begun; undefined when it ended before that. Nobody may join its namespaces earlier, and a signal would be lost.
   */
  settled(): Promise<number | undefined>;
  readonly exited: Promise<ContainerExit>;
  signal(signal: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly id: string;
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly plan: Omit<ContainerPlan, 'cgroups'>;
  readonly cgroup: string;
  readonly limits: ContainerLimits;
  readonly logFile: string;
  /** `hostPID`: the node's processes are seen. */
  readonly nodePids: boolean;
}

/** Starts a container. It has begun when this returns; whether its program could be run shows in `exited`. */
export function startContainer(options: StartOptions): RunningContainer {
  const { plan, sandbox } = options;
  mkdirSync(plan.root, { recursive: true });
  const cgroups = createContainerCgroup(options.cgroup, options.limits);
  const namespaces = ['--mount', '--propagation', 'private', ...(options.nodePids ? [] : ['--pid'])];
  const child = spawn(
    'nsenter',
    [
      ...sandbox.join,
      'unshare',
      ...namespaces,
      '--fork',
      '--kill-child',
      '/bin/sh',
      '-c',
      containerScript({ ...plan, cgroups }),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: SYSTEM_PATH }, cwd: '/' },
  );
  recordOutput(options.logFile, child.stdout, child.stderr);
  const startedAt = new Date();
  let init: number | undefined;
  const pid = (): number | undefined => (init ??= childOf(child.pid));
  const exited = ended(child).then(({ code, signal }): ContainerExit => {
    const outOfMemory = wasOutOfMemory(options.cgroup);
    rmSync(plan.root, { recursive: true, force: true });
    void removeSoon(options.cgroup);
    // unshare passes on the code of its child, and a signal by ending itself with it.
    const exitCode = code ?? 128 + signal;
    const reason = outOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : exitCode === 127 ? 'StartError' : 'Error';
    return { exitCode, signal, reason, startedAt, finishedAt: new Date() };
  });
  return {
    id: options.id,
    name: options.name,
    startedAt,
    logFile: options.logFile,
    cgroup: options.cgroup,
    env: plan.env,
    credentials: plan.credentials,
    settled: async () => {
      for (let tries = 0; tries < SETTLE_TRIES && child.exitCode === null && child.signalCode === null; tries++) {
        const found = pid();
        if (found !== undefined && hasOwnRoot(found) && hasBegun(found)) return found;
        await delay(10);
      }
      const found = pid();
      return found !== undefined && hasOwnRoot(found) ? found : undefined;
    },
    exited,
    signal: (name) => {
      const target = pid();
      try {
        if (target === undefined) child.kill('SIGKILL');
        else process.kill(target, name);
      } catch {
        // It has ended by itself.
      }
    },
  };
}

/** The command that runs another program in a container, as its user, in all its namespaces. */
export async function execCommand(
  container: RunningContainer,
  command: readonly string[],
  tty: boolean,
): Promise<readonly string[] | undefined> {
  const pid = await container.settled();
  if (pid === undefined) return undefined;
  const joinGroups = createContainerCgroup(container.cgroup, {});
  const script = [...joinGroups.map((file) => `echo 0 > '${file}' 2>/dev/null`), 'exec "$@"'].join('; ');
  const inside = tty
    ? ['/usr/bin/script', '--quiet', '--return', '--flush', '--command', words(command), '/dev/null']
    : command;
  return [
    '/bin/sh',
    '-c',
    script,
    'exec',
    'nsenter',
    `--target=${pid}`,
    ...'--mount --uts --ipc --net --pid --root --wd -- /usr/bin/setpriv'.split(' '),
    ...setprivArguments(container.credentials),
    '--',
    ...withEnvironment(container.env, inside),
  ];
}

/** Whether a process has moved into a container's root: the skeleton is there, the way back is not. */
function hasOwnRoot(pid: number): boolean {
  const root = `/proc/${pid}/root`;
  return existsSync(`${root}/opt/seaworthy/package.json`) && !existsSync(`${root}/.old`);
}

/** What a container's init runs on its way to the program (see `containerScript`). */
const ON_THE_WAY = ['/bin/sh\0-c\0set -e\numask 022\n', '/usr/bin/setpriv\0', '/usr/bin/env\0-i\0'];

function hasBegun(pid: number): boolean {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return commandLine !== '' && !ON_THE_WAY.some((start) => commandLine.startsWith(start));
  } catch {
    return false;
  }
}

function childOf(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return children[0] === undefined || children[0] === '' ? undefined : Number(children[0]);
  } catch {
    return undefined;
  }
}

function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: number }> {
  return new Promise((resolve) => {
    child.on('error', () => resolve({ code: 127, signal: 0 }));
    child.on('exit', (code, signal) => resolve({ code, signal: signal === null ? 0 : (SIGNALS[signal] ?? 9) }));
  });
}

/** A container that has not settled after 5 s will not. */
const SETTLE_TRIES = 500;

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** The kernel lets go of a group a moment after its last process has ended. */
async function removeSoon(cgroup: string): Promise<void> {
  await delay(200);
  removeContainerCgroup(cgroup);
}

/** Where programs are looked for in a container whose image and pod say nothing else. */
export const CONTAINER_PATH = `/opt/seaworthy/bin:${SYSTEM_PATH}`;
