import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight, given, IN_POD, rule } from '../hops/hops.ts';
import { API_REACH } from '../nodes.ts';

export const apiReach = defineEdge({
  id: 'H3',
  title: 'the API server can be reached',
  technique: ['T1046'],
  cost: 0,
  from: [...IN_POD, 'Root'],
  *hops(from, world) {
    if (from.kind === 'Root') {
      yield {
        to: API_REACH,
        because: rule('kubelet', 'every node talks to the API server'),
      };
      return;
    }
    for (const unit of world.pods.at(from)) {
      yield* given(world.network.reachesApi(unit), { to: API_REACH, needs: [unit.ref], because: byTheRight });
    }
  },
  fix: 'Allow egress to the API server only for pods that use it.',
  prove: 'Open one connection to kubernetes.default.svc:443 from inside the pod.',
});
