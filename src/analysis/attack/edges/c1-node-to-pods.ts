import { defineEdge } from '../define-edge.ts';
import { shellOf } from '../hops.ts';

export const nodeToPods = defineEdge({
  id: 'C1',
  title: 'root on a node enters the pods on it',
  technique: ['T1609'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    for (const unit of world.unitsOn(from.name)) {
      yield {
        to: shellOf(unit),
        needs: [unit.ref],
        because: [
          {
            kind: 'rule',
            source: 'Linux',
            says: `root of a node is root of every pod on it; ${unit.namespace}/${unit.name} runs or may run there`,
          },
        ],
      };
    }
  },
  fix: 'Keep workloads of different trust on different nodes.',
  prove: 'Read spec.nodeName of the pods.',
});
