import type { HeldRole } from '../facts/access-facts.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { administratorOf, rolesBoundToAnybody, rolesHeld } from '../hops/rights.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../hops/same-request.ts';
import { byTheRight } from '../hops/hops.ts';
import type { AttackNode } from '../nodes.ts';
import { someRoleOf } from '../world/role-stations.ts';
import type { World } from '../world/world.ts';

const KINDS = { ClusterRole: TOGETHER.escalateCluster, Role: TOGETHER.escalateInNamespace };

export const escalate = defineEdge({
  id: 'F2',
  title: 'widen a role that is bound',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: Object.values(KINDS).flatMap(asksOf),
  *hops(from, world) {
    for (const kind of ['ClusterRole', 'Role'] as const) {
      for (const pair of pairsHeld(from, world, KINDS[kind])) {
        // Who may only create roles can't widen the one bound.
        if (pair.both[0].name?.startsWith('create ')) continue;
        if (kind === 'Role') yield* widenedInNamespaces(pair, world);
        for (const [station, { role, namespace }] of widened(from, kind, pair, world))
          yield {
            to: administratorOf(namespace),
            and: [...pair.both, station],
            needs: [role.ref],
            because: byTheRight,
          };
      }
    }
  },
  fix: 'Remove the escalate verb.',
  prove: 'Server-side dry run of the change to the role as that subject.',
});

/** Who may widen every Role of a namespace widens one that somebody has who is held; who that is doesn't matter. */
function* widenedInNamespaces({ both, namespace }: HeldPair, world: World): Generator<Hop> {
  if (both.some(({ object }) => object !== undefined)) return;
  for (const place of namespace === undefined ? world.accounts.namespaces() : [namespace])
    yield { to: administratorOf(place), and: [...both, someRoleOf(place)], because: byTheRight };
}

/** The roles that a pair of rights limited to one is about, whoever has them; of all ClusterRoles those of the requester. */
function* widened(
  from: AttackNode,
  kind: keyof typeof KINDS,
  { both, namespace: scope }: HeldPair,
  world: World,
): Generator<readonly [AttackNode, HeldRole]> {
  const names = new Set(both.flatMap(({ object }) => object ?? []));
  const [name] = names;
  if (names.size > 1 || (kind === 'Role' && name === undefined)) return;
  // Who may change every ClusterRole has one himself, by which he may.
  const roles =
    name === undefined ? rolesHeld(from, world) : rolesBoundToAnybody(world.grants.bindingsOfRole(name), world);
  for (const [station, held] of roles) {
    const { ref } = held.role;
    if (ref.kind !== kind || ref.name !== (name ?? ref.name)) continue;
    if (scope !== undefined && (kind === 'ClusterRole' || scope !== ref.namespace)) continue;
    yield [station, held];
  }
}
