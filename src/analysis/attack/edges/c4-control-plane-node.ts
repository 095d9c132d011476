import { at, records } from '../../../model/json.ts';
import { defineEdge } from '../define-edge.ts';
import { node } from '../nodes.ts';

const ROLES = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export const controlPlaneNode = defineEdge({
  id: 'C4',
  title: 'a control-plane node holds the keys of the cluster',
  technique: ['T1552'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    if (from.name === undefined) return;
    const found = world.snapshot.get('Node', undefined, from.name)?.object;
    const labelled = ROLES.find((role) => Object.hasOwn(found?.metadata.labels ?? {}, role));
    const tainted = records(at(found, 'spec', 'taints')).some(([, taint]) => ROLES.includes(String(taint['key'])));
    if (labelled === undefined && !tainted) return;
    const ref = { apiVersion: 'v1', kind: 'Node', name: from.name };
    yield {
      to: node('ClusterAdmin'),
      needs: [ref],
      because: () => [
        {
          kind: 'field',
          object: ref,
          path: 'metadata.labels',
          says: `node ${from.name} runs the control plane: its disk holds the CA and the key that signs tokens`,
        },
      ],
    };
  },
  fix: 'Keep workloads off control-plane nodes by their taint.',
  prove: 'Read the labels and taints of the node.',
});
