import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { escapingPods, onePerNamespace, podCreations } from '../new-pods.ts';

export const escapingPod = defineEdge({
  id: 'E9',
  title: 'create a privileged pod on a node of choice',
  technique: ['T1610', 'T1611'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    yield* escapingPods(onePerNamespace(podCreations(from, world)), world);
  },
  fix: 'Enforce Pod Security baseline on the namespace, or remove create on pods.',
  prove: 'Server-side dry run of a privileged pod as that subject.',
});
