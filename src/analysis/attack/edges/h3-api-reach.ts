import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight, given, IN_POD, rule } from '../hops/hops.ts';
import { API_REACH } from '../nodes.ts';
import { apiServerPort } from '../world/api-server.ts';

export const apiReach = defineEdge({
  id: 'H3',
  title: 'the API server can be reached',
  technique: ['T1046'],
  cost: 0,
  from: [...IN_POD, 'Root', 'Reach'],
  *hops(from, world) {
    if (from.kind === 'Root') {
      yield {
        to: API_REACH,
        because: rule('kubelet', 'every node talks to the API server'),
      };
      return;
    }
    if (from.kind === 'Reach') {
      const port = Number(from.name?.split(':')[1]);
      for (const { namespace, ref, containers } of world.pods.at(from)) {
        const isApi = containers.some(({ entry }) => apiServerPort(entry.container) === port);
        if (namespace === 'kube-system' && isApi)
          yield { to: API_REACH, needs: [ref], because: rule('kube-apiserver', `${ref.name} is the API server`) };
      }
      return;
    }
    for (const unit of world.pods.at(from)) {
      yield* given(world.network.reachesApi(unit), { to: API_REACH, needs: [unit.ref], because: byTheRight });
    }
  },
  fix: 'Allow egress to the API server only for pods that use it.',
  prove: 'Open one connection to kubernetes.default.svc:443 from inside the pod.',
});
