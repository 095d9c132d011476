import { at, text } from '../../../model/json.ts';
import { defineEdge } from '../define-edge.ts';
import { rule } from '../hops.ts';
import { admitted } from '../new-pods.ts';
import { node } from '../nodes.ts';
import type { World } from '../world/world.ts';

/** Kubelets with a hole in how they mount volumes: from the first release of a minor up to before the fixed patch. */
const HOLES = [
  {
    id: 'CVE-2024-10220',
    volume: 'gitRepo',
    // Fixed in 1.28.12, 1.29.7, 1.30.3; never in older minors.
    affected: (minor: number, patch: number) =>
      minor < 28 || (minor === 28 && patch < 12) || (minor === 29 && patch < 7) || (minor === 30 && patch < 3),
  },
  {
    id: 'CVE-2021-25741',
    volume: 'subPath',
    // Fixed in 1.19.15, 1.20.11, 1.21.5, 1.22.2.
    affected: (minor: number, patch: number) =>
      minor < 19 ||
      (minor === 19 && patch < 15) ||
      (minor === 20 && patch < 11) ||
      (minor === 21 && patch < 5) ||
      (minor === 22 && patch < 2),
  },
] as const;

export const volumeHoles = defineEdge({
  id: 'B20',
  title: 'create a pod with a volume that the kubelet mounts unsafely',
  technique: ['T1611'],
  cost: 4,
  from: ['create pods'],
  *hops(right, world) {
    const places = right.namespace === undefined ? world.accounts.namespaces() : [right.namespace];
    const open = places.filter((place) => world.admitsBeyond('restricted', place).holds === true);
    for (const { name, hole, version } of holedKubelets(world)) {
      for (const place of open.length > 0 ? open.slice(0, 1) : places) {
        yield* admitted(
          'restricted',
          place,
          {
            to: node('Root', name),
            needs: [{ apiVersion: 'v1', kind: 'Node', name }],
            because: rule(hole.id, `the kubelet ${version} of node ${name} mounts ${hole.volume} volumes unsafely`),
          },
          world,
        );
      }
    }
  },
  fix: 'Update the kubelet; enforce Pod Security restricted on the namespace.',
  prove: 'Read the version of the kubelet; server-side dry run of the pod. Nothing is exploited.',
});

function* holedKubelets(world: World) {
  for (const { object } of world.snapshot.list('Node')) {
    const version = text(at(object, 'status', 'nodeInfo', 'kubeletVersion')) ?? '';
    const [, minor, patch] = /^v?1\.(\d+)\.(\d+)/.exec(version) ?? [];
    if (minor === undefined || patch === undefined) continue;
    const hole = HOLES.find(({ affected }) => affected(Number(minor), Number(patch)));
    if (hole) yield { name: object.metadata.name, hole, version };
  }
}
