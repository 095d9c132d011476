import { defineEdge } from '../define-edge.ts';
import { tokenOf } from '../hops.ts';
import { node } from '../nodes.ts';
import { secretsOf } from '../pod-units.ts';

export const kubeletIdentity = defineEdge({
  id: 'C3',
  title: "the kubelet's identity: its pods' Secrets and tokens for their service accounts",
  technique: ['T1078', 'T1528'],
  cost: 1,
  from: ['Root', 'NodeIdentity'],
  *hops(from, world) {
    if (from.kind === 'Root') {
      yield {
        to: node('NodeIdentity', from.name),
        needs: [],
        because: [
          { kind: 'rule', source: 'kubelet', says: 'root of a node reads the client certificate of its kubelet' },
        ],
      };
      return;
    }
    for (const unit of world.unitsOn(from.name)) {
      yield {
        to: tokenOf({ namespace: unit.namespace, name: unit.serviceAccount }),
        needs: [unit.ref],
        because: [
          {
            kind: 'rule',
            source: 'Node authorizer',
            says: `a kubelet may ask for tokens of the service accounts of its pods, here of ${unit.namespace}/${unit.name}`,
          },
        ],
      };
      for (const name of secretsOf(unit)) {
        yield {
          to: node('Secret', name, unit.namespace),
          needs: [unit.ref],
          because: [
            {
              kind: 'rule',
              source: 'Node authorizer',
              says: `a kubelet may read the Secrets of its pods, here of ${unit.namespace}/${unit.name}`,
            },
          ],
        };
      }
    }
  },
  fix: 'Keep workloads of different trust on different nodes.',
  prove: 'Ask for an access review as the node for one Secret of one of its pods.',
});
