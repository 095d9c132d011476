import { at } from '../../../model/json.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { administratorOf, rolesBoundToAnybody, rolesHeld } from '../hops/rights.ts';
import { asksOf, pairsHeld, TOGETHER } from '../hops/same-request.ts';
import type { World } from '../world/world.ts';

/** ClusterRoles that every API server aggregates by their label. */
const BY_DEFAULT: readonly string[] = ['admin', 'edit', 'view'];

export const aggregation = defineEdge({
  id: 'F4',
  title: 'write a ClusterRole that is added to a role that is bound',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: asksOf(TOGETHER.escalateCluster),
  *hops(from, world) {
    const pairs = [...pairsHeld(from, world, TOGETHER.escalateCluster)].filter(
      ({ namespace, both: [write, escalate] }) => {
        const names = [write.object, escalate.object];
        return namespace === undefined && (names.includes(undefined) || names[0] === names[1]);
      },
    );
    if (pairs.length === 0) return;
    // Others who are held may be bound to one: in a namespace, one of Kubernetes' own.
    const others = [...BY_DEFAULT.flatMap((name) => world.grants.bindingsOfRole(name)), ...world.grants.bindingsIn('')];
    const roles = new Map([...rolesHeld(from, world), ...rolesBoundToAnybody(others, world)]);
    for (const [station, { role, namespace }] of roles) {
      if (role.ref.kind !== 'ClusterRole' || !isAggregated(role.ref.name, world)) continue;
      for (const { both } of pairs) {
        yield {
          to: administratorOf(namespace),
          and: [...both, station],
          needs: [role.ref],
          because: byTheRight,
        };
      }
    }
  },
  fix: 'Remove the escalate verb on ClusterRoles.',
  prove: 'Server-side dry run of a ClusterRole with the label, as that subject.',
});

function isAggregated(name: string, world: World): boolean {
  const object = world.snapshot.get('ClusterRole.rbac.authorization.k8s.io', undefined, name)?.object;
  return object ? at(object, 'aggregationRule') !== undefined : BY_DEFAULT.includes(name);
}
