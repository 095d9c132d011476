import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { IpFamily } from './network/ip.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything a running lab leaves on the host's disk is in this one directory, which goes when the lab goes. */
export function labDirectory(env: Environment): string {
  return join(env['XDG_RUNTIME_DIR'] ?? tmpdir(), `seaworthy-lab-${userInfo().uid}`);
}

/** The kubeconfig of the running lab: an administrator's. */
export function labKubeconfigPath(env: Environment): string {
  return join(labDirectory(env), 'kubeconfig');
}

export interface LabPaths {
  readonly directory: string;
  readonly kubeconfig: string;
  /** What is known of the lab once it is ready; see `LabStatus`. */
  readonly status: string;
  /** Process id of the host process, from the first moment. */
  readonly pid: string;
  readonly apiSocket: string;
  /** Speaks the line protocol of `seaworthy-probe batch`, from outside the cluster. */
  readonly outsideSocket: string;
  readonly log: string;
  /** The log of a lab that ended by itself or by force; the next `lab down` removes it. Outside `directory`. */
  readonly crashLog: string;
}

export function labPaths(env: Environment): LabPaths {
  const directory = labDirectory(env);
  return {
    directory,
    kubeconfig: labKubeconfigPath(env),
    status: join(directory, 'status.json'),
    pid: join(directory, 'pid'),
    apiSocket: join(directory, 'api.sock'),
    outsideSocket: join(directory, 'outside.sock'),
    log: join(directory, 'lab.log'),
    crashLog: `${directory}.log`,
  };
}

/** Written when the lab is ready. */
export interface LabStatus {
  /** Host process, the one to end. */
  readonly pid: number;
  readonly server: string;
  readonly kubeconfig: string;
  readonly startedAt: string;
  readonly readyAfterMs: number;
  readonly nodes: readonly string[];
  /** Families in which pods, nodes and Services have addresses, the primary one first. */
  readonly families: readonly IpFamily[];
}

/** Name of the lab's control groups: one subtree in each hierarchy, made and removed by us. */
export function cgroupName(directory: string): string {
  return `seaworthy-lab-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`;
}

export type LabState =
  | { readonly kind: 'absent' }
  /** A directory whose process is gone: a crash that even the reaper did not survive. */
  | { readonly kind: 'stale'; readonly directory: string }
  | { readonly kind: 'starting'; readonly pid: number }
  | { readonly kind: 'running'; readonly status: LabStatus };

/** Looks at the state directory and the process table. */
export function readLabState(env: Environment): LabState {
  const paths = labPaths(env);
  const written = read(paths.pid);
  if (written === undefined) return { kind: 'absent' };
  const [pid, startTime] = written.trim().split(' ');
  // A process id may have been given to somebody else since; its start time may not.
  if (pid === undefined || processStartTime(Number(pid)) !== startTime)
    return { kind: 'stale', directory: paths.directory };
  const status = read(paths.status);
  return status === undefined
    ? { kind: 'starting', pid: Number(pid) }
    : { kind: 'running', status: JSON.parse(status) as LabStatus };
}

/** Start time of a process in clock ticks after boot (field 22 of proc(5) stat); undefined when it is gone or a zombie. */
export function processStartTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field, the program's name, may hold blanks and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
