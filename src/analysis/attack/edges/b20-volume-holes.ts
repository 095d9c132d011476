import { defineEdge } from '../hops/define-edge.ts';
import { admitted } from '../hops/new-pods.ts';
import { throughHoles } from './b19-node-holes.ts';

export const volumeHoles = defineEdge({
  id: 'B20',
  title: 'create a pod with a volume that the kubelet mounts unsafely',
  technique: ['T1611'],
  cost: 4,
  from: ['create pods'],
  *hops(right, world) {
    const nodes = world.nodes.holes();
    if (nodes.size === 0) return;
    const places = right.namespace === undefined ? world.accounts.namespaces() : [right.namespace];
    const open = places.find((place) => world.admitsBeyond('restricted', place).holds === true);
    for (const hop of throughHoles(nodes.keys(), world, ({ edge }) => edge === 'B20'))
      for (const place of open === undefined ? places : [open]) yield* admitted('restricted', place, hop, world);
  },
  fix: 'Update the kubelet; enforce Pod Security restricted on the namespace.',
  prove: 'Read the version of the kubelet; server-side dry run of the pod. Nothing is exploited.',
});
