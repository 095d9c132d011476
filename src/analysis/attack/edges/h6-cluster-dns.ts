import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const clusterDns = defineEdge({
  id: 'H6',
  title: 'answer names falsely: write the configuration of the cluster DNS',
  technique: ['T1557'],
  matrix: ['TA9035', 'TA9036'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of ['update', 'patch'].flatMap((verb) => world.may(from, verb, 'configmaps'))) {
      if (permission.namespace !== undefined && permission.namespace !== 'kube-system') continue;
      const named =
        permission.names.length === 0 ||
        permission.names.some((name) => ['coredns', 'kube-dns', 'coredns-custom'].includes(name));
      if (named) yield { to: node('TrafficIntercept'), needs: permission.needs, because: permission.because };
    }
  },
  fix: 'Keep write on ConfigMaps of kube-system to the control plane.',
  prove: 'Ask for an access review of update on ConfigMap coredns.',
});
