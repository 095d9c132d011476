import { actions, type Action } from '../hops/actions.ts';
import { NEW_PODS, RELABELS_PODS, servicesJoined } from '../hops/disguised.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops/hops.ts';

/** Rights to pods that a Service selects: what it sends goes to them, too. */
const JOINS: readonly Action[] = [...NEW_PODS, ...RELABELS_PODS];

export const endpoints = defineEdge({
  id: 'G4',
  title: 'redirect a Service: endpoints, externalIPs, load balancer status, or a pod that it selects',
  technique: ['T1557'],
  cost: 2,
  from: [
    ...actions(
      ['create', 'update', 'patch'],
      ['endpoints', 'endpointslices.discovery.k8s.io', 'services', 'services/status'],
    ),
    ...JOINS,
  ],
  *hops(right, world) {
    const to = node('TrafficIntercept');
    if (!JOINS.includes(right.name as Action)) yield { to, because: byTheRight };
    else for (const needs of servicesJoined(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove write on endpoints, endpointslices and services/status; deny externalIPs by policy.',
  prove: 'Ask for an access review; server-side dry run.',
});
