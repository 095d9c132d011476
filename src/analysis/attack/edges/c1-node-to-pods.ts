import { defineEdge } from '../define-edge.ts';
import { all } from '../groups.ts';
import { rule, shellOf } from '../hops.ts';

export const nodeToPods = defineEdge({
  id: 'C1',
  title: 'root on a node enters the pods on it',
  technique: ['T1609'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    const because = rule('Linux', 'root of a node is root of every pod on it');
    for (const unit of world.pods.on(from.name)) yield { to: shellOf(unit), needs: [unit.ref], because };
    if (!world.nodes.schedulable().has(from.name)) return;
    yield {
      to: all('FloatingShell'),
      because: rule('Linux', 'root of a node is root of every pod on it; the scheduler may put this one there'),
    };
  },
  fix: 'Keep workloads of different trust on different nodes.',
  prove: 'Read spec.nodeName of the pods.',
});
