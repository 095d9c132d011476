import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { secretsUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';

export const readSecrets = defineEdge({
  id: 'D4',
  title: 'read Secrets through the API',
  technique: ['T1552.007'],
  matrix: ['TA9025'],
  cost: 1,
  // A list or watch of one name, by a field selector, is granted by a rule limited to that name.
  from: actions(['get', 'list', 'watch'], ['secrets']),
  *hops(right, world) {
    for (const to of secretsUnder(right, world)) yield { to, because: byTheRight };
  },
  fix: 'Narrow the rule to the Secrets that are needed by resourceNames, or remove it.',
  prove: 'Ask for an access review of that verb on that Secret.',
});
