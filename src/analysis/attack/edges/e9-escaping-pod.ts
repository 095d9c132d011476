import { defineEdge } from '../hops/define-edge.ts';
import { escapingPods } from '../hops/new-pods.ts';

export const escapingPod = defineEdge({
  id: 'E9',
  title: 'create a privileged pod on a node of choice',
  technique: ['T1610', 'T1611'],
  cost: 1,
  from: ['create pods'],
  *hops(right, world) {
    yield* escapingPods(right.namespace, world);
  },
  fix: 'Enforce Pod Security baseline on the namespace, or remove create on pods.',
  prove: 'Server-side dry run of a privileged pod as that subject.',
});
