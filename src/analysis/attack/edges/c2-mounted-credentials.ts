import { defineEdge } from '../define-edge.ts';
import { tokenOf } from '../hops.ts';
import { node } from '../nodes.ts';
import { secretsSeenBy, tokenMounted } from '../pod-units.ts';

export const mountedCredentials = defineEdge({
  id: 'C2',
  title: 'tokens and Secrets under the directory of the kubelet',
  technique: ['T1528', 'T1552'],
  cost: 1,
  from: ['Root', 'HostRead'],
  *hops(from, world) {
    for (const unit of world.unitsOn(from.name)) {
      for (const container of unit.containers) {
        if (tokenMounted(world.snapshot, unit, container)) {
          yield {
            to: tokenOf({ namespace: unit.namespace, name: unit.serviceAccount }),
            needs: [unit.ref],
            because: [
              {
                kind: 'rule',
                source: 'kubelet',
                says: `the token of ${unit.namespace}/${unit.name} lies in a file on its node`,
              },
            ],
          };
        }
        for (const name of secretsSeenBy(unit, container)) {
          yield {
            to: node('Secret', name, unit.namespace),
            needs: [unit.ref],
            because: [
              {
                kind: 'rule',
                source: 'kubelet',
                says: `Secret ${unit.namespace}/${name} is on the node of ${unit.namespace}/${unit.name}`,
              },
            ],
          };
        }
      }
    }
  },
  fix: 'Mount tokens and Secrets only where they are needed.',
  prove: 'Read the volumes of the pods of the node.',
});
