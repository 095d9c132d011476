import type { ObjectRef } from '../../../model/object.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { actions, may, resourceOf, rightsOn, type Action } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { fromRelabelledNamespaces, fromRelabelledPods, RELABELS_NAMESPACES, RELABELS_PODS } from '../hops/disguised.ts';
import { given, IN_POD, rule } from '../hops/hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import type { World } from '../world/world.ts';

const POLICIES = 'networkpolicies.networking.k8s.io';
const WRITES = actions(['delete', 'deletecollection', 'update', 'patch', 'create'], [POLICIES]);
const CHANGES = actions(['update', 'patch'], [POLICIES]);
const DELETE: Action = `delete ${POLICIES}`;

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
        for (const writes of openings(source, unit, port, world)) {
          const by = writes.some(({ name = '' }) => name.startsWith('delete')) ? 'deleting' : 'writing';
          yield* given(despite[by], { to, and: writes, needs, because });
        }
      }
    }
  },
  fix: 'Remove write on networkpolicies from edit; keep a cluster-wide admin policy that namespaces cannot remove.',
  prove: 'Ask for an access review of delete on networkpolicies, or of patch on the pod or the namespace.',
});

/**
 * The rights that open the way together, one in each namespace whose policies close it; in both where that is not known. What is
 * gone leaves the baseline in force, what is written comes before it.
 */
function openings(source: PodUnit, target: PodUnit, port: number, world: World): readonly (readonly AttackNode[])[] {
  const closedBy = world.network.closedBy(source, target, port);
  const places =
    closedBy.length > 0 ? closedBy.map(({ namespace = '' }) => namespace) : [target.namespace, source.namespace];
  return [...new Set(places)].reduce<readonly (readonly AttackNode[])[]>(
    (ways, place) => {
      const here = rightsIn(
        place,
        closedBy.filter(({ namespace }) => namespace === place),
      );
      return ways.flatMap((way) => here.map((right) => [...way, right]));
    },
    [[]],
  );
}

/** Policies add up, so one that lets everything through is enough; of those that close the way all must go. */
function rightsIn(namespace: string, closing: readonly ObjectRef[]): readonly AttackNode[] {
  const [first, second] = closing;
  const named = closing.flatMap(({ name }) => CHANGES.map((write) => [write, name] as const));
  if (first && !second) named.push([DELETE, first.name]);
  return [
    ...WRITES.flatMap((write) => rightsOn(write, namespace)),
    ...named.flatMap(([write, name]) => [may(write, namespace, name), may(write, undefined, name)]),
  ];
}
