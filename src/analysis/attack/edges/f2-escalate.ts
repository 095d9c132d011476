import type { CompiledBinding } from '../../access/objects.ts';
import type { HeldRole } from '../facts/access-facts.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { administratorOf, rolesBoundToAnybody, rolesHeld } from '../hops/rights.ts';
import { asksOf, pairsHeld, TOGETHER, type HeldPair } from '../hops/same-request.ts';
import { byTheRight } from '../hops/hops.ts';
import type { AttackNode } from '../nodes.ts';
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

/** The roles a pair of rights is about: those of the requester, and those that others have, who may be held as well. */
function* widened(
  from: AttackNode,
  kind: keyof typeof KINDS,
  { both, namespace: scope }: HeldPair,
  world: World,
): Generator<readonly [AttackNode, HeldRole]> {
  const names = new Set(both.flatMap(({ object }) => object ?? []));
  if (names.size > 1) return;
  const [name] = names;
  const own = rolesHeld(from, world);
  for (const roles of [own, rolesBoundToAnybody(othersBindings(kind, name, scope, world), world)]) {
    for (const [station, held] of roles) {
      const { ref } = held.role;
      if (ref.kind !== kind || ref.name !== (name ?? ref.name) || (roles !== own && own.has(station))) continue;
      if (scope !== undefined && (kind === 'ClusterRole' || scope !== ref.namespace)) continue;
      yield [station, held];
    }
  }
}

/** Who may change every ClusterRole has one himself, by which he may. */
function othersBindings(
  kind: keyof typeof KINDS,
  name: string | undefined,
  scope: string | undefined,
  world: World,
): readonly CompiledBinding[] {
  if (name !== undefined) return world.grants.bindingsOfRole(name);
  if (kind === 'ClusterRole') return [];
  return (scope === undefined ? world.accounts.namespaces() : [scope]).flatMap((place) =>
    world.grants.bindingsIn(place),
  );
}
