import { may } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';
import { ENDS_PODS } from './c5-steal-pods.ts';

const BINDS = ['create pods/binding', 'create bindings'] as const;

export const placement = defineEdge({
  id: 'E13',
  title: 'bind a pod that is made again to a node that is held',
  technique: ['T1078'],
  cost: 4,
  from: ['Root'],
  asks: [...ENDS_PODS, ...BINDS],
  *hops() {
    const because = rule('scheduler', 'a pod goes to the node that a binding names, whoever makes the binding first');
    for (const ends of ENDS_PODS)
      for (const binds of BINDS) yield { to: all('MovableShell'), and: [may(ends), may(binds)], because };
  },
  fix: 'Remove create on pods/binding and bindings from everybody but the scheduler.',
  prove: 'Ask for access reviews of both.',
});
