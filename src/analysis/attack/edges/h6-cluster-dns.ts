import { actions } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops.ts';

const CONFIGURATIONS = [undefined, 'coredns', 'kube-dns', 'coredns-custom'];

export const clusterDns = defineEdge({
  id: 'H6',
  title: 'answer names falsely: write the configuration of the cluster DNS',
  technique: ['T1557'],
  matrix: ['TA9035', 'TA9036'],
  cost: 2,
  from: actions(['update', 'patch'], ['configmaps']),
  *hops(right) {
    if (right.namespace !== undefined && right.namespace !== 'kube-system') return;
    if (CONFIGURATIONS.includes(right.object)) yield { to: node('TrafficIntercept'), because: byTheRight };
  },
  fix: 'Keep write on ConfigMaps of kube-system to the control plane.',
  prove: 'Ask for an access review of update on ConfigMap coredns.',
});
