import type { HeldRole } from '../facts/access-facts.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { administratorOf, rolesBoundToAnybody } from '../hops/rights.ts';
import { isCreate, oneName, widenerOf } from '../hops/powers.ts';
import { asksOf, pairsHeld, TOGETHER } from '../hops/same-request.ts';
import { byTheRight } from '../hops/hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import { someRoleOf } from '../world/role-stations.ts';
import type { World } from '../world/world.ts';

const KINDS = { ClusterRole: TOGETHER.escalateCluster, Role: TOGETHER.escalateInNamespace };

export const escalate = defineEdge({
  id: 'F2',
  title: 'widen a role that is bound',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Identity', 'NodeIdentity', 'Role'],
  asks: Object.values(KINDS).flatMap(asksOf),
  *hops(from, world) {
    if (from.kind === 'Role') {
      yield* widenedRoles(from, world);
      return;
    }
    for (const kind of ['ClusterRole', 'Role'] as const) {
      for (const pair of pairsHeld(from, world, KINDS[kind])) {
        const name = oneName(pair.both);
        // Who may only create roles can't widen the one bound.
        if (name === null || isCreate(pair.both) || (kind === 'ClusterRole' && pair.namespace !== undefined)) continue;
        if (name === undefined) {
          // Who may change every ClusterRole has one himself, by which he may.
          if (kind === 'ClusterRole') yield { to: node('ClusterAdmin'), and: pair.both, because: byTheRight };
          continue;
        }
        for (const [station, { role, namespace }] of widened(kind, name, pair.namespace, world))
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

/** Who may widen every Role widens one that somebody has who is held. */
function* widenedRoles({ name, namespace }: AttackNode, world: World): Generator<Hop> {
  if (name !== widenerOf(namespace).name) return;
  for (const place of namespace === undefined ? world.accounts.namespaces() : [namespace])
    yield { to: administratorOf(place), and: [someRoleOf(place)], because: byTheRight };
}

/** The role that rights limited to one are about, wherever it is bound, to whomever. */
function* widened(
  kind: keyof typeof KINDS,
  name: string,
  scope: string | undefined,
  world: World,
): Generator<readonly [AttackNode, HeldRole]> {
  for (const [station, held] of rolesBoundToAnybody(world.grants.bindingsOfRole(name), world)) {
    const { ref } = held.role;
    if (ref.kind === kind && (scope ?? ref.namespace) === ref.namespace) yield [station, held];
  }
}
