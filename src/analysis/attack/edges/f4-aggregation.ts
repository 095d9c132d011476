import { at } from '../../../model/json.ts';
import { CLUSTER_ROLE } from '../../access/kinds.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { administratorOf, rolesBoundToAnybody } from '../hops/rights.ts';
import { WRITER } from '../hops/powers.ts';
import { asksOf, TOGETHER } from '../hops/same-request.ts';
import type { World } from '../world/world.ts';

/** ClusterRoles that every API server aggregates by their label. */
const BY_DEFAULT: readonly string[] = ['admin', 'edit', 'view'];

export const aggregation = defineEdge({
  id: 'F4',
  title: 'write a ClusterRole that is added to a role that is bound',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Role'],
  asks: asksOf(TOGETHER.escalateCluster),
  *hops(from, world) {
    if (from.name === WRITER.name) yield* widened(world);
  },
  fix: 'Remove the escalate verb on ClusterRoles.',
  prove: 'Server-side dry run of a ClusterRole with the label, as that subject.',
});

/** Every binding to a role that is filled from others, whoever is bound: somebody else who is held may be. */
function* widened(world: World): Generator<Hop> {
  const given = world.snapshot.list(CLUSTER_ROLE);
  const filled = given.filter(({ object }) => at(object, 'aggregationRule') !== undefined);
  const names = new Set(given.map(({ object }) => object.metadata.name));
  const byDefault = BY_DEFAULT.filter((name) => !names.has(name));
  const bindings = [...filled.map(({ object }) => object.metadata.name), ...byDefault].flatMap((name) =>
    world.grants.bindingsOfRole(name),
  );
  for (const [station, { role, namespace }] of rolesBoundToAnybody(bindings, world))
    if (role.ref.kind === 'ClusterRole')
      yield { to: administratorOf(namespace), and: [station], needs: [role.ref], because: byTheRight };
}
