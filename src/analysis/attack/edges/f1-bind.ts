import { administersCluster, administersNamespace } from '../administrators.ts';
import { defineEdge } from '../define-edge.ts';
import { all } from '../groups.ts';
import { node, type AttackNode } from '../nodes.ts';
import { asksOf, pairsHeld, TOGETHER } from '../same-request.ts';
import type { World } from '../world/world.ts';
import { byTheRight } from '../hops.ts';

export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: [...asksOf(TOGETHER.bindCluster), ...asksOf(TOGETHER.bindInNamespace)],
  *hops(from, world) {
    // `bind` is asked in the namespace of the binding.
    for (const { both, namespace } of pairsHeld(from, world, TOGETHER.bindCluster)) {
      if (namespace !== undefined) continue;
      for (const to of boundEverywhere(both[1].object, world)) yield { to, and: both, because: byTheRight };
    }
    for (const { both, namespace } of pairsHeld(from, world, TOGETHER.bindInNamespace))
      for (const to of boundIn(namespace, both[1].object, world)) yield { to, and: both, because: byTheRight };
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

/** What the strongest role that may be bound everywhere gives: any role, or the one the rule is limited to. */
function boundEverywhere(role: string | undefined, world: World): readonly AttackNode[] {
  if (role === undefined) return [node('ClusterAdmin')];
  const named = world.grants.clusterRole(role);
  if (!named) return [];
  if (administersCluster(named)) return [node('ClusterAdmin')];
  return administersNamespace(named) ? [all('NamespaceAdmin')] : [];
}

/** The same for a binding in a namespace, or (undefined) in each. */
function boundIn(namespace: string | undefined, role: string | undefined, world: World): readonly AttackNode[] {
  const named = role === undefined ? undefined : world.grants.clusterRole(role);
  if (role !== undefined && (!named || !administersNamespace(named))) return [];
  const admin = namespace === undefined ? all('NamespaceAdmin') : node('NamespaceAdmin', undefined, namespace);
  if (named && !administersCluster(named)) return [admin];
  // cluster-admin bound in a namespace may change the labels of that namespace, too.
  return [admin, namespace === undefined ? all('AdmissionControl') : node('AdmissionControl', undefined, namespace)];
}
