import { at, records, text } from '../../../model/json.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Hop } from './define-edge.ts';
import { containersAt, hostsOf, inSpec, type InContainer } from './hops.ts';
import type { AttackNode } from '../nodes.ts';
import type { Mount, PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

const RUNTIME_CLASS = 'RuntimeClass.node.k8s.io';

/**
 * What stands between root in a container and root on its node although the manifest grants much: a user
 * namespace (uid 0 and capabilities mean nothing outside it), or a sandbox with a kernel of its own.
 */
export function contained(unit: PodUnit, world: World): boolean {
  if (unit.spec['hostUsers'] === false) return true;
  const name = text(unit.spec['runtimeClassName']);
  if (name === undefined) return false;
  const handler = text(world.snapshot.get(RUNTIME_CLASS, undefined, name)?.object['handler']);
  // Files that leave the class out leave its name to go by; a class that could not be read may be anything.
  const guess = world.snapshot.gaps([RUNTIME_CLASS]).length === 0 ? name : '';
  return /^(runsc|gvisor|kata)/.test(handler ?? guess);
}

/** Why it is not known whether a pod runs in a sandbox. */
function sandboxOpen({ spec }: PodUnit, { snapshot }: World): string | undefined {
  const name = text(spec['runtimeClassName']);
  const isKnown = name === undefined || snapshot.get(RUNTIME_CLASS, undefined, name) !== undefined;
  return isKnown || snapshot.gaps([RUNTIME_CLASS]).length === 0
    ? undefined
    : `whether RuntimeClass ${name} is a sandbox was not read`;
}

/** A field that opens the way to the host, and why. */
export interface Grant {
  /** From the pod's spec. */
  readonly path: readonly (string | number)[];
  readonly says: string;
  readonly open?: string;
  /** Of a HostRead: which files, where it is not all of them. */
  readonly part?: HostPart;
  /** Objects besides the pod that it rests on. */
  readonly needs?: readonly ObjectRef[];
}

/** Files of a node that somebody reads who does not read them all: with those of the kubelet's pods, or others. */
export type HostPart = 'kubelet' | 'some';

/** Hops to the hosts of a pod for each field that `grants` finds in a container an intruder is in. */
export function* escapes(
  from: AttackNode,
  world: World,
  to: 'Root' | 'HostRead' | 'NodeIdentity',
  grants: (at: InContainer) => Grant | readonly Grant[] | undefined,
): Generator<Hop> {
  for (const place of containersAt(from, world)) {
    if (contained(place.unit, world)) continue;
    const sandbox = sandboxOpen(place.unit, world);
    for (const { path, says, open = sandbox, part, needs = [] } of [grants(place) ?? []].flat()) {
      for (const host of hostsOf(to, place.unit)) {
        yield {
          to: part === undefined ? host : { ...host, object: part },
          needs: [place.unit.ref, ...needs],
          because: () => [inSpec(place.unit, path, says)],
          ...(open === undefined ? {} : { open }),
        };
      }
    }
  }
}

/** One grant a mount of the host that matters; a file's mode may still stand between a container's user and the file. */
export function mountGrants(
  place: InContainer,
  world: World,
  matters: (mount: HostMount) => boolean,
  says: (mount: HostMount) => string,
  partOf: (mount: HostMount) => HostPart | undefined = () => undefined,
): readonly Grant[] {
  const open = fileModeOpen(place);
  return hostMounts(place, world)
    .filter(matters)
    .map((mount) => {
      const part = partOf(mount);
      return {
        path: mount.path,
        says: says(mount),
        needs: mount.needs,
        ...(open === undefined ? {} : { open }),
        ...(part === undefined ? {} : { part }),
      };
    });
}

export interface HostMount {
  readonly mount: Mount;
  /** What the container sees of the host: the volume's path, narrowed by the subPath of the mount. */
  readonly hostPath: string;
  /** True when the path is reached through a PersistentVolumeClaim, which Pod Security does not see. */
  readonly throughClaim: boolean;
  /** The volume, from the pod's spec. */
  readonly path: readonly (string | number)[];
  /** The PersistentVolume, and the claim where that names it. */
  readonly needs: readonly ObjectRef[];
}

/** The host paths a container sees: hostPath volumes, and claims bound to volumes of type hostPath or local. */
export function hostMounts({ unit, container }: InContainer, world: World): readonly HostMount[] {
  return container.mounts.flatMap((mount): readonly HostMount[] => {
    const [index, volume] = records(unit.spec['volumes']).find(([, one]) => one['name'] === mount.volume) ?? [];
    if (index === undefined) return [];
    const place = ['volumes', index];
    const direct = text(at(volume, 'hostPath', 'path'));
    if (direct !== undefined)
      return [{ mount, hostPath: normal(`${direct}/${mount.subPath}`), throughClaim: false, path: place, needs: [] }];
    const claim = text(at(volume, 'persistentVolumeClaim', 'claimName'));
    if (claim === undefined) return [];
    const bound = world.volumeBehind(unit.namespace, claim)?.object;
    if (!bound) return [];
    const path = pathOfVolume(bound);
    return path === undefined
      ? []
      : [
          {
            mount,
            hostPath: normal(`${path}/${mount.subPath}`),
            throughClaim: true,
            path: place,
            needs: [refOf(bound), ...namedBy(bound, unit.namespace, claim)],
          },
        ];
  });
}

/** The host path that a PersistentVolume of type hostPath or local is. */
export function pathOfVolume(volume: KubernetesObject): string | undefined {
  const path = text(at(volume, 'spec', 'hostPath', 'path')) ?? text(at(volume, 'spec', 'local', 'path'));
  return path === undefined ? undefined : normal(path);
}

/** The claim, where the volume does not say itself whose it is. */
function namedBy(volume: KubernetesObject, namespace: string, name: string): readonly ObjectRef[] {
  const own = at(volume, 'spec', 'claimRef', 'name') === name;
  return own ? [] : [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name }];
}

function normal(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`.replace(/^\/var\/run(?=\/|$)/, '/run');
}

/**
 * Below directories through which a writer becomes root: what makes nobody root. Time zones, lists of certificates and
 * names, shared memory, devices that hold nothing.
 */
const HARMLESS = [
  '/etc/ca-certificates',
  '/etc/hostname',
  '/etc/localtime',
  '/etc/machine-id',
  '/etc/os-release',
  '/etc/pki',
  '/etc/ssl',
  '/etc/timezone',
  '/usr/lib/os-release',
  '/usr/share/ca-certificates',
  '/usr/share/zoneinfo',
  '/dev/full',
  '/dev/null',
  '/dev/random',
  '/dev/shm',
  '/dev/urandom',
  '/dev/zero',
];

/** Whether a mounted path is a sensitive one, above it, or below it where that matters. */
export function overlaps(hostPath: string, sensitive: string): boolean {
  if (covers(hostPath, sensitive)) return true;
  return covers(sensitive, hostPath) && !HARMLESS.some((path) => covers(path, hostPath));
}

/** Whether a mounted path is the sensitive one or a parent of it. */
export function covers(hostPath: string, sensitive: string): boolean {
  return hostPath === '/' || hostPath === sensitive || sensitive.startsWith(`${hostPath}/`);
}

/** Why a file of the host may not be open to this container's user; undefined when it runs as root. */
export function fileModeOpen({ container }: InContainer): string | undefined {
  return container.nonRoot && !container.privileged
    ? 'the container does not run as root: the file modes on the node decide'
    : undefined;
}
