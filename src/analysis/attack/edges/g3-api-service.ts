import { clusterWrites, tap } from '../control-plane.ts';
import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const apiService = defineEdge({
  id: 'G3',
  title: 'an APIService or a conversion webhook of one’s own sees the requests of others',
  technique: ['T1557'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    yield* tap(
      clusterWrites(from, world, [
        'apiservices.apiregistration.k8s.io',
        'customresourcedefinitions.apiextensions.k8s.io',
      ]),
      node('TrafficIntercept'),
    );
  },
  fix: 'Remove the right to write APIServices and CustomResourceDefinitions.',
  prove: 'Ask for an access review; server-side dry run.',
});
