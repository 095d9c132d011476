import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

const RESOURCES = ['endpoints', 'endpointslices.discovery.k8s.io', 'services', 'services/status'];

export const endpoints = defineEdge({
  id: 'G4',
  title: 'redirect a Service: endpoints, externalIPs, load balancer status',
  technique: ['T1557'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const what of RESOURCES) {
      const found = ['create', 'update', 'patch'].flatMap((verb) => world.may(from, verb, what))[0];
      if (!found) continue;
      yield { to: node('TrafficIntercept'), needs: found.needs, because: found.because };
      return;
    }
  },
  fix: 'Remove write on endpoints, endpointslices and services/status; deny externalIPs by policy.',
  prove: 'Ask for an access review; server-side dry run.',
});
