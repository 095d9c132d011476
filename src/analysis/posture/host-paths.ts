import { isRecord, records, text } from '../../model/json.ts';
import type { Place } from './examined.ts';
import type { PodContainer, PodSubject } from './pod-subject.ts';

/** A directory of the node as one container sees it. */
export interface HostPathMount {
  readonly volume: string;
  readonly container: PodContainer;
  /** What the mount shows of the node: the volume's path, and the subPath below it. */
  readonly hostPath: string;
  readonly readOnly: boolean;
  readonly place: Place;
}

/** The hostPath volumes of a pod, mounted or not. */
export function hostPathVolumes(
  pod: PodSubject,
): readonly { readonly name: string; readonly path: string; readonly place: Place }[] {
  return records(pod.spec['volumes']).flatMap(([index, volume]) => {
    const hostPath = volume['hostPath'];
    if (!isRecord(hostPath)) return [];
    return [
      {
        name: text(volume['name']) ?? '',
        path: normalise(text(hostPath['path']) ?? '/'),
        place: pod.place('spec', 'volumes', index, 'hostPath', 'path'),
      },
    ];
  });
}

/** Every mount of a hostPath volume in any container. A `subPathExpr` is not followed: the whole volume counts. */
export function hostPathMounts(pod: PodSubject): readonly HostPathMount[] {
  const volumes = new Map(hostPathVolumes(pod).map((volume) => [volume.name, volume]));
  if (volumes.size === 0) return [];
  return pod.containers.flatMap((container) =>
    records(container.container['volumeMounts']).flatMap(([index, mount]) => {
      const volume = volumes.get(text(mount['name']) ?? '');
      if (!volume) return [];
      const subPath = text(mount['subPath']);
      return [
        {
          volume: volume.name,
          container,
          hostPath: subPath === undefined || subPath === '' ? volume.path : normalise(`${volume.path}/${subPath}`),
          readOnly: mount['readOnly'] === true,
          place: container.place('volumeMounts', index),
        },
      ];
    }),
  );
}

/** Without trailing or double slashes, and with `/var/run` as the link to `/run` that it is on every node. */
export function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const clean = `/${parts.join('/')}`;
  return isWithin(clean, '/var/run') ? `/run${clean.slice('/var/run'.length)}` : clean;
}

/** Whether `path` is `directory` or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
