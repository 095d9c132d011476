import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { changedControllers, CONTROLLER_ACTIONS, escapingPods } from '../hops/new-pods.ts';
import { byTheRight } from '../hops/hops.ts';

export const controllers = defineEdge({
  id: 'E10',
  title: 'create or change a controller that makes such pods',
  technique: ['T1610', 'T1053.007'],
  matrix: ['TA9014'],
  cost: 1,
  from: CONTROLLER_ACTIONS,
  *hops(right, world) {
    if (right.name?.startsWith('create ')) {
      yield { to: all('Token', right.namespace), because: byTheRight };
      yield { to: all('Secret', right.namespace), because: byTheRight };
      yield* escapingPods(right.namespace, world);
      return;
    }
    for (const { namespace, shell, needs } of changedControllers(right, world)) {
      yield { to: all('Token', namespace), needs, because: byTheRight };
      yield { to: all('Secret', namespace), needs, because: byTheRight };
      for (const hop of escapingPods(namespace, world)) yield { ...hop, needs };
      yield { to: shell, needs, because: byTheRight };
    }
  },
  fix: 'Remove create, update and patch on workloads; enforce Pod Security baseline on the namespace.',
  prove: 'Ask for an access review; server-side dry run of the controller.',
});
