import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops/hops.ts';

export const endpoints = defineEdge({
  id: 'G4',
  title: 'redirect a Service: endpoints, externalIPs, load balancer status',
  technique: ['T1557'],
  cost: 2,
  from: actions(
    ['create', 'update', 'patch'],
    ['endpoints', 'endpointslices.discovery.k8s.io', 'services', 'services/status'],
  ),
  *hops() {
    yield { to: node('TrafficIntercept'), because: byTheRight };
  },
  fix: 'Remove write on endpoints, endpointslices and services/status; deny externalIPs by policy.',
  prove: 'Ask for an access review; server-side dry run.',
});
