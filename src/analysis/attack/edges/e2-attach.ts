import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { opensStream, podsUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';

export const attach = defineEdge({
  id: 'E2',
  title: 'attach to a pod',
  technique: ['T1609'],
  cost: 2,
  from: actions(['create', 'get'], ['pods/attach']),
  *hops(right, world) {
    if (!opensStream(right, world)) return;
    for (const { to, needs } of podsUnder(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove pods/attach from the role; get alone suffices before Kubernetes 1.35.',
  prove: 'Ask for an access review of create (and get) on pods/attach.',
});
