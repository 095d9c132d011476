import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { SeaworthyError } from '../model/errors.ts';
import { cgroupDirectories, removeCgroupTree } from './cgroups.ts';
import type { HostAnswer, HostOptions } from './host/protocol.ts';
import { requireLab } from './prerequisites.ts';
import { programPath } from './programs.ts';
import { cgroupName, labPaths, processStartTime, readLabState, type LabStatus } from './state.ts';

export interface LabOptions {
  /** Where XDG_RUNTIME_DIR and PATH come from; the process's own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Loopback port of the API server; a free one when absent. */
  readonly port?: number;
  /** Nodes; three when absent. */
  readonly nodes?: number;
  /** Go on when whoever started it ends: `lab up`. Otherwise the lab ends with its starter, however that ends. */
  readonly detached?: boolean;
  /** IPv6 beside IPv4: everything has addresses of both families. */
  readonly dualStack?: boolean;
  /** Delay of the policy agents before they program a change. */
  readonly slowPolicyMs?: number;
  /** What is being done, for a person who waits. */
  readonly progress?: (says: string) => void;
  readonly signal?: AbortSignal;
}

/** A running lab. */
export interface Lab {
  readonly kubeconfigPath: string;
  readonly server: string;
  readonly status: LabStatus;
  /** Ends it; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

/** Starts the embedded cluster and waits until its nodes, DNS and policy agents are ready. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  requireLab();
  const env = options.env ?? process.env;
  const state = readLabState(env);
  if (state.kind === 'running' || state.kind === 'starting') {
    throw new SeaworthyError('SW_LAB_RUNNING', 'a lab of this user is running already', {
      hint: `seaworthy lab status shows it, seaworthy lab down ends it. KUBECONFIG=${labPaths(env).kubeconfig}`,
    });
  }
  if (state.kind === 'stale' || existsSync(labPaths(env).directory)) removeRemains(env);
  const status = await startHost(options, env);
  return {
    kubeconfigPath: status.kubeconfig,
    server: status.server,
    status,
    stop: () => stopLab(env),
  };
}

async function startHost(options: LabOptions, env: Readonly<Record<string, string | undefined>>): Promise<LabStatus> {
  const told: HostOptions = {
    port: options.port ?? 0,
    bound: options.detached !== true,
    nodes: options.nodes ?? 3,
    families: options.dualStack === true ? ['IPv4', 'IPv6'] : ['IPv4'],
    slowPolicyMs: options.slowPolicyMs ?? 0,
  };
  const host = spawn(process.execPath, [programPath('lab/host/main')], {
    detached: true,
    // Its stdin closes when we end, however that happens; only a bound lab cares.
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...env, SEAWORTHY_LAB_HOST: JSON.stringify(told) },
    cwd: '/',
  });
  host.stdin.on('error', () => undefined);
  const abort = (): void => void host.kill('SIGTERM');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    for await (const line of createInterface({ input: host.stdout })) {
      const answer = JSON.parse(line) as HostAnswer;
      if (answer.kind === 'progress') options.progress?.(answer.says);
      else if (answer.kind === 'failed') {
        if (answer.code === 'SW_LAB_FAILED') await untilGone(host.pid, labPaths(env).directory);
        throw new SeaworthyError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint });
      } else {
        // From here on the lab is none of our event loop's business.
        host.unref();
        host.stdout.destroy();
        unrefStream(host.stdin);
        return answer.status;
      }
    }
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  throw new SeaworthyError('SW_LAB_FAILED', 'the lab ended before it was ready', {
    hint: 'Try seaworthy lab up --foreground.',
  });
}

function unrefStream(stream: unknown): void {
  if (typeof stream === 'object' && stream !== null && 'unref' in stream && typeof stream.unref === 'function')
    stream.unref();
}

/** Longer than the reaper's own patience. */
const STOP_MS = 25_000;

/** Ends the running lab, if there is one, and waits until its directory and control groups are gone. */
export async function stopLab(env: Readonly<Record<string, string | undefined>> = process.env): Promise<void> {
  const state = readLabState(env);
  const { directory, crashLog } = labPaths(env);
  const pid = state.kind === 'running' ? state.status.pid : state.kind === 'starting' ? state.pid : undefined;
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    await untilGone(pid, directory);
  }
  if (existsSync(directory)) removeRemains(env);
  rmSync(crashLog, { force: true });
}

/** Waits for the host process to end and the reaper to have done its work. */
async function untilGone(pid: number | undefined, directory: string): Promise<void> {
  const alive = (): boolean => pid !== undefined && processStartTime(pid) !== undefined;
  const deadline = Date.now() + STOP_MS;
  while ((alive() || existsSync(directory)) && Date.now() < deadline) await delay(20);
}

/** What a crash left that even the reaper did not survive: no process is involved any more. */
function removeRemains(env: Readonly<Record<string, string | undefined>>): void {
  const { directory } = labPaths(env);
  for (const group of cgroupDirectories(cgroupName(directory))) removeCgroupTree(group);
  rmSync(directory, { recursive: true, force: true });
}
