import { defineEdge } from '../hops/define-edge.ts';
import { floatingOn } from '../hops/groups.ts';
import { rule, shellOn } from '../hops/hops.ts';

export const nodeToPods = defineEdge({
  id: 'C1',
  title: 'root on a node enters the pods on it',
  technique: ['T1609'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    const because = rule('Linux', 'root of a node is root of every pod on it');
    for (const unit of world.pods.on(from.name))
      yield { to: shellOn(unit, from.name, world), needs: [unit.ref], because };
    const perhaps = rule('Linux', 'root of a node is root of every pod on it; the scheduler may put this one there');
    for (const to of floatingOn(from.name, 'FloatingShell', world)) yield { to, because: perhaps };
  },
  fix: 'Keep workloads of different trust on different nodes.',
  prove: 'Read spec.nodeName of the pods.',
});
