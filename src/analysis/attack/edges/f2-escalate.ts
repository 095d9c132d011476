import { defineEdge } from '../hops/define-edge.ts';
import { administratorOf, rolesHeld } from '../hops/rights.ts';
import { asksOf, pairsHeld, TOGETHER } from '../hops/same-request.ts';
import { byTheRight } from '../hops/hops.ts';

const KINDS = { ClusterRole: TOGETHER.escalateCluster, Role: TOGETHER.escalateInNamespace };

export const escalate = defineEdge({
  id: 'F2',
  title: 'widen a role one is bound to',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: Object.values(KINDS).flatMap(asksOf),
  *hops(from, world) {
    for (const kind of ['ClusterRole', 'Role'] as const) {
      const pairs = [...pairsHeld(from, world, KINDS[kind])];
      if (pairs.length === 0) continue;
      for (const [station, { role, namespace }] of rolesHeld(from, world)) {
        if (role.ref.kind !== kind) continue;
        for (const { both, namespace: scope } of pairs) {
          // Who may only create roles can't widen the one bound.
          if (both[0].name?.startsWith('create ')) continue;
          if (both.some(({ object }) => object !== undefined && object !== role.ref.name)) continue;
          if (scope !== undefined && (kind === 'ClusterRole' || scope !== role.ref.namespace)) continue;
          yield {
            to: administratorOf(namespace),
            and: [...both, station],
            needs: [role.ref],
            because: byTheRight,
          };
        }
      }
    }
  },
  fix: 'Remove the escalate verb.',
  prove: 'Server-side dry run of the change to the role as that subject.',
});
