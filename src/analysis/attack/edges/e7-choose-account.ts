import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { byTheRight } from '../hops/hops.ts';

export const chooseAccount = defineEdge({
  id: 'E7',
  title: 'create a pod with a service account of choice',
  technique: ['T1610'],
  matrix: ['TA9008'],
  cost: 1,
  from: ['create pods'],
  *hops(right) {
    yield { to: all('Token', right.namespace), because: byTheRight };
  },
  fix: 'Remove create on pods; keep powerful service accounts in namespaces where nobody else creates pods.',
  prove: 'Ask for an access review of create on pods; server-side dry run of a harmless pod with that account.',
});
