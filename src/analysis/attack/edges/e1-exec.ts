import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { opensStream, podsUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';

export const exec = defineEdge({
  id: 'E1',
  title: 'exec into a pod',
  technique: ['T1609'],
  matrix: ['TA9006'],
  cost: 1,
  from: actions(['create', 'get'], ['pods/exec']),
  *hops(right, world) {
    if (!opensStream(right, world)) return;
    for (const { to, needs } of podsUnder(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove pods/exec from the role; get alone suffices before Kubernetes 1.35.',
  prove: 'Ask for an access review of create (and get) on pods/exec.',
});
