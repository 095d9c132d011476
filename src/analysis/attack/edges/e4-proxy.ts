import { actions } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { portsUnder } from '../rights.ts';
import { byTheRight } from '../hops.ts';

export const proxy = defineEdge({
  id: 'E4',
  title: 'reach a pod through the proxy of the API server',
  technique: ['T1090'],
  cost: 1,
  from: actions(['get', 'create'], ['pods/proxy']),
  *hops(right, world) {
    for (const { to, needs } of portsUnder(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove pods/proxy and services/proxy from the role.',
  prove: 'Ask for an access review of get on pods/proxy.',
});
