import { defineEdge, type Hop } from '../define-edge.ts';
import { PRINCIPALS, tokenOf } from '../hops.ts';
import { node } from '../nodes.ts';
import { controllerCreations, escapingPods, onePerNamespace } from '../new-pods.ts';

export const controllers = defineEdge({
  id: 'E10',
  title: 'create or change a controller that makes such pods',
  technique: ['T1610', 'T1053.007'],
  matrix: ['TA9014'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world): Generator<Hop> {
    const creations = onePerNamespace(controllerCreations(from, world));
    for (const { namespace, permission } of creations) {
      for (const account of world.accountsIn(namespace))
        yield { to: tokenOf(account), needs: permission.needs, because: permission.because };
      for (const secret of world.secretsIn(namespace)) {
        yield {
          to: node('Secret', secret.name, secret.namespace),
          needs: permission.needs,
          because: permission.because,
        };
      }
    }
    yield* escapingPods(creations, world);
  },
  fix: 'Remove create, update and patch on workloads; enforce Pod Security baseline on the namespace.',
  prove: 'Ask for an access review; server-side dry run of the controller.',
});
