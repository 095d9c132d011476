import { defineEdge } from '../hops/define-edge.ts';
import { fromNewPods, NEW_PODS } from '../hops/disguised.ts';
import { byTheRight, given, IN_POD } from '../hops/hops.ts';
import { node } from '../nodes.ts';

export const allowedFlow = defineEdge({
  id: 'H1',
  title: 'a connection every policy allows',
  technique: ['T1046'],
  matrix: ['TA9034'],
  cost: 1,
  from: [...IN_POD, ...NEW_PODS],
  *hops(from, world) {
    if (from.kind === 'May') {
      yield* fromNewPods(from, world);
      return;
    }
    for (const source of world.pods.at(from)) {
      for (const { unit, port } of world.targets.all) {
        if (unit === source) continue;
        yield* given(world.network.reaches(source, unit, port), {
          to: node('Reach', `${unit.name}:${port}`, unit.namespace),
          needs: [source.ref, unit.ref],
          because: byTheRight,
        });
      }
    }
  },
  fix: 'Close the path with a NetworkPolicy on either side.',
  prove: 'Open one connection from inside the pod, beside a control that is allowed.',
});
