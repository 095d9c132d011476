import { actions } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { opensStream, portsUnder } from '../rights.ts';
import { byTheRight } from '../hops.ts';

export const portForward = defineEdge({
  id: 'E3',
  title: 'port-forward past every NetworkPolicy',
  technique: ['T1090'],
  cost: 1,
  from: actions(['create', 'get'], ['pods/portforward']),
  *hops(right, world) {
    if (!opensStream(right, world)) return;
    for (const { to, needs } of portsUnder(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove pods/portforward from the role.',
  prove: 'Ask for an access review of create on pods/portforward.',
});
