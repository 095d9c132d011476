import { actions, resourceOf, rightsOn, type Action } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { fromRelabelledNamespaces, fromRelabelledPods, RELABELS_NAMESPACES, RELABELS_PODS } from '../hops/disguised.ts';
import { given, IN_POD, rule } from '../hops/hops.ts';
import { node } from '../nodes.ts';

const WRITES = actions(
  ['delete', 'deletecollection', 'update', 'patch', 'create'],
  ['networkpolicies.networking.k8s.io'],
);

export const policyTampering = defineEdge({
  id: 'H5',
  title: 'take away the NetworkPolicy in the way, or get labels that it lets through',
  technique: ['T1562'],
  cost: 2,
  from: [...IN_POD, ...RELABELS_PODS, ...RELABELS_NAMESPACES],
  asks: WRITES,
  *hops(from, world) {
    if (from.kind === 'May') {
      yield* resourceOf(from) === 'pods' ? fromRelabelledPods(from, world) : fromRelabelledNamespaces(from, world);
      return;
    }
    for (const source of world.pods.at(from)) {
      for (const { unit, port } of world.targets.all) {
        if (unit === source || world.network.reaches(source, unit, port).holds === true) continue;
        const to = node('Reach', `${unit.name}:${port}`, unit.namespace);
        const needs = [source.ref, unit.ref];
        const because = rule('NetworkPolicy', `a policy keeps ${source.namespace}/${source.name} from there`);
        const despite = {
          deleting: world.network.reachesDespite(source, unit, port, 'deleting'),
          writing: world.network.reachesDespite(source, unit, port, 'writing'),
        };
        for (const write of WRITES) {
          for (const right of rightsOn(write, unit.namespace)) {
            // Which side closes the way is not asked: whoever may write the policies of both can open it.
            const both =
              source.namespace === unit.namespace
                ? [[right]]
                : WRITES.flatMap((other) => rightsOn(other, source.namespace)).map((here) => [right, here]);
            for (const and of both) yield* given(despite[tamperingBy(write)], { to, and, needs, because });
          }
        }
      }
    }
  },
  fix: 'Remove write on networkpolicies from edit; keep a cluster-wide admin policy that namespaces cannot remove.',
  prove: 'Ask for an access review of delete on networkpolicies, or of patch on the pod or the namespace.',
});

/** What is gone leaves the baseline in force; what is written comes before it. */
function tamperingBy(write: Action): 'deleting' | 'writing' {
  return write.startsWith('delete') ? 'deleting' : 'writing';
}
