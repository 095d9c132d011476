import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops/hops.ts';

export const apiService = defineEdge({
  id: 'G3',
  title: 'an APIService or a conversion webhook of one’s own sees the requests of others',
  technique: ['T1557'],
  cost: 2,
  from: actions(
    ['create', 'update', 'patch'],
    ['apiservices.apiregistration.k8s.io', 'customresourcedefinitions.apiextensions.k8s.io'],
  ),
  *hops() {
    yield { to: node('TrafficIntercept'), because: byTheRight };
  },
  fix: 'Remove the right to write APIServices and CustomResourceDefinitions.',
  prove: 'Ask for an access review; server-side dry run.',
});
