import type { Because } from '../../../model/because.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';

export const controlPlaneNode = defineEdge({
  id: 'C4',
  title: 'a control-plane node holds the keys of the cluster',
  technique: ['T1552'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    if (from.name === undefined || !world.nodes.isControlPlane(from.name)) return;
    const ref = { apiVersion: 'v1', kind: 'Node', name: from.name };
    const because = (): readonly Because[] => [
      {
        kind: 'field',
        object: ref,
        path: 'metadata.labels',
        says: `node ${from.name} runs the control plane: its disk holds the CA and the key that signs tokens`,
      },
    ];
    yield { to: node('ClusterAdmin'), needs: [ref], because };
    yield { to: node('SystemMasters'), needs: [ref], because };
  },
  fix: 'Keep workloads off control-plane nodes by their taint.',
  prove: 'Read the labels and taints of the node.',
});
