import type { PathHop } from '../../../analysis/attack/index.ts';
import { at, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseStatus } from '../clients/proc-status.ts';
import type { LivePod } from '../live-pods.ts';
import type { Cluster } from '../../ports.ts';

/** Whether a container is, seen by a process inside it, what a hop says; undefined when nothing in it can look. */
export interface SeenInside {
  readonly holds: boolean;
  readonly says: string;
}

/** Capabilities without which a hop is not possible; a privileged container has them all. */
const CAPABILITY: Readonly<Record<string, string>> = {
  B1: 'CAP_SYS_ADMIN',
  B2: 'CAP_SYS_ADMIN',
  B3: 'CAP_SYS_PTRACE',
  B4: 'CAP_SYS_MODULE',
  B5: 'CAP_SYS_ADMIN',
  B6: 'CAP_DAC_READ_SEARCH',
};

/** Hops that need to write what is mounted. */
const WRITES = new Set(['B8', 'B9', 'B11', 'B12']);

const TIMEOUT_MS = 10_000;

/**
 * Reads, in a process of our own in the container, what the kernel says of it: its capabilities and its mounts. No file that is
 * mounted is read. Of several containers an intruder is in, one that is as the hop says is enough.
 */
export async function lookInside(
  hop: PathHop,
  pod: LivePod,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<SeenInside | undefined> {
  const only = hop.from.kind === 'Code' ? hop.from.name?.split('/')[1] : undefined;
  const containers = records(at(pod.object, 'spec', 'containers'))
    .map(([, container]) => container)
    .filter(({ name }) => only === undefined || name === only);
  const seen: SeenInside[] = [];
  for (const container of containers) {
    const name = text(container['name']) ?? '';
    const wanted = wantedOf(hop, pod.object, name);
    if (wanted.length === 0) continue;
    const address = { namespace: pod.namespace, pod: pod.name, container: name };
    const ran = await cluster.exec(address, ['cat', '/proc/self/status', '/proc/self/mountinfo'], {
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (ran.kind !== 'exited' || ran.code !== 0) return undefined;
    const answer = wanted.map((one) => one(ran.stdout));
    if (answer.every(({ holds }) => holds)) return answer[0];
    seen.push(...answer.filter(({ holds }) => !holds));
  }
  return seen[0];
}

type Wanted = (status: string) => SeenInside;

function wantedOf({ edge, because }: PathHop, pod: KubernetesObject, container: string): readonly Wanted[] {
  const capability = CAPABILITY[edge.id];
  if (capability !== undefined) return [hasCapability(container, capability)];
  const [reason] = because;
  const index = reason?.kind === 'field' ? /\bvolumes\[(\d+)\]/.exec(reason.path)?.[1] : undefined;
  const volumes = records(at(pod, 'spec', 'volumes'));
  const named =
    edge.id === 'D1'
      ? volumes.filter(([, volume]) => isToken(volume)).map(([, volume]) => text(volume['name']))
      : index === undefined
        ? []
        : [text(volumes[Number(index)]?.[1]['name'])];
  const mounts = records(at(pod, 'spec', 'containers'))
    .filter(([, one]) => one['name'] === container)
    .flatMap(([, one]) => records(one['volumeMounts']))
    .filter(([, mount]) => named.includes(text(mount['name'])));
  return mounts.map(([, mount]) => isMounted(container, text(mount['mountPath']) ?? '', WRITES.has(edge.id)));
}

function isToken(volume: unknown): boolean {
  return records(at(volume, 'projected', 'sources')).some(([, source]) => source['serviceAccountToken'] !== undefined);
}

/** What is in the bounding set can be had, by a program that is owned by root and set-uid at the latest; what is not never can. */
function hasCapability(container: string, name: string): Wanted {
  return (status) => {
    const { effective = [], bounding = [] } = parseStatus(status)?.capabilities ?? {};
    const holds = bounding.includes(name);
    const has = effective.includes(name) ? 'has' : holds ? 'may get' : 'can not get';
    return { holds, says: `inside ${container}: a process ${has} ${name}` };
  };
}

function isMounted(container: string, path: string, writable: boolean): Wanted {
  return (status) => {
    const options = mountsIn(status).get(real(path));
    const holds = options !== undefined && (!writable || !options.includes('ro'));
    const how = options === undefined ? 'is not mounted' : writable && !holds ? 'is mounted read-only' : 'is mounted';
    return { holds, says: `inside ${container}: ${path} ${how}` };
  };
}

/** Mount points and their options, as /proc/PID/mountinfo has them (proc_pid_mountinfo(5)). */
export function mountsIn(mountinfo: string): ReadonlyMap<string, readonly string[]> {
  const lines = mountinfo.split('\n').map((line) => line.split(' '));
  return new Map(
    lines
      .filter(([id = '']) => /^\d+$/.test(id))
      .map(([, , , , point = '', options = '']) => [real(unescaped(point)), options.split(',')]),
  );
}

/** Blanks and the like are written as octal numbers. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** In most images /var/run is a link to /run, and the kernel names the place a link leads to. */
function real(path: string): string {
  return path.replace(/^\/var\/run(?=\/|$)/, '/run').replace(/(?<=.)\/$/, '');
}
