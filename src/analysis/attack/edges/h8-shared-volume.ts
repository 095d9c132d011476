import { at, strings, text } from '../../../model/json.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { containersAt, IN_POD, inSpec, type InContainer } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { volumeOf, type Mount, type PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

export const sharedVolume = defineEdge({
  id: 'H8',
  title: 'write a program that another container starts from a shared volume',
  technique: ['T1080'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    for (const place of containersAt(from, world)) {
      for (const mount of place.container.mounts.filter(({ readOnly }) => !readOnly)) {
        for (const { unit, container, mount: other } of sharers(place, mount, world)) {
          const runs = startsFrom(container.entry.container, other.mountPath);
          if (!runs && !HOLDS_PROGRAMS.test(`${other.mountPath}/`)) continue;
          yield {
            to: node('Code', `${unit.name}/${container.entry.name}`, unit.namespace),
            needs: [...new Set([place.unit.ref, unit.ref])],
            because: () => [
              inSpec(
                place.unit,
                [...place.container.entry.path, 'volumeMounts'],
                `container ${place.container.entry.name} may write ${mount.mountPath}, which container ${container.entry.name} of ${unit.namespace}/${unit.name} has at ${other.mountPath}`,
              ),
            ],
            ...(runs ? {} : { open: `whether anything below ${other.mountPath} is run there is not in the facts` }),
          };
        }
      }
    }
  },
  fix: 'Mount the volume read-only where it is not written, or give each its own.',
  prove: 'Look at /proc/self/mountinfo of both containers; nothing is written.',
});

/** Directories that programs are run from, where a volume is mounted over them. */
const HOLDS_PROGRAMS = /^\/(usr|bin|sbin|lib|lib64|opt|app|srv|scripts|plugins|var\/www)\//;
const INTERPRETERS = /(^|\/)(sh|bash|ash|dash|python[\d.]*|node|perl|ruby|java|php)$/;

type Sharer = InContainer & { readonly mount: Mount };

/** Other containers that have the same volume, of this pod and of others. */
function* sharers(place: InContainer, mount: Mount, world: World): Generator<Sharer> {
  const volume = volumeOf(place.unit, mount.volume);
  const claim = text(at(volume, 'persistentVolumeClaim', 'claimName'));
  const hostPath = text(at(volume, 'hostPath', 'path'));
  const sharesPod = claim ?? hostPath ?? (volume['emptyDir'] === undefined ? undefined : '');
  if (sharesPod === undefined) return;
  yield* inUnit(place.unit, (name) => name === mount.volume);
  if (claim !== undefined) {
    for (const unit of world.pods.in(place.unit.namespace).filter((one) => one !== place.unit))
      yield* inUnit(unit, (name) => text(at(volumeOf(unit, name), 'persistentVolumeClaim', 'claimName')) === claim);
  } else if (hostPath !== undefined) {
    const beside = new Set(place.unit.nodes.flatMap((name) => world.pods.on(name)));
    for (const unit of beside)
      if (unit !== place.unit)
        yield* inUnit(unit, (name) => text(at(volumeOf(unit, name), 'hostPath', 'path')) === hostPath);
  }

  function* inUnit(unit: PodUnit, isIt: (volume: string) => boolean): Generator<Sharer> {
    for (const container of unit.containers) {
      if (container === place.container) continue;
      for (const other of container.mounts)
        if (isIt(other.volume) && within(mount.subPath, other.subPath)) yield { unit, container, mount: other };
    }
  }
}

/** Whether one part of a volume is, or is above or below, another. */
function within(a: string, b: string): boolean {
  return a === '' || b === '' || `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

/** Whether what a container starts with lies below a directory. */
function startsFrom(container: unknown, directory: string): boolean {
  const words = [...strings(at(container, 'command')), ...strings(at(container, 'args'))].flatMap((word) =>
    word.split(/[\s;&|]+/),
  );
  const [first = ''] = words;
  const below = (word: string): boolean => word.startsWith(`${directory.replace(/\/+$/, '')}/`);
  return below(first) || (INTERPRETERS.test(first) && words.some(below));
}
