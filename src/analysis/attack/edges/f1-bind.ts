import { actions } from '../actions.ts';
import { administersCluster, administersNamespace } from '../administrators.ts';
import { defineEdge } from '../define-edge.ts';
import { all } from '../groups.ts';
import { node, type AttackNode } from '../nodes.ts';
import { pairsHeld } from '../same-request.ts';
import type { World } from '../world.ts';

const RBAC = 'rbac.authorization.k8s.io';
const BIND = `bind clusterroles.${RBAC}` as const;
const ON_CLUSTER = actions(['create', 'update', 'patch'], [`clusterrolebindings.${RBAC}`]);
const IN_NAMESPACE = actions(['create', 'update', 'patch'], [`rolebindings.${RBAC}`]);

export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: [BIND, ...ON_CLUSTER, ...IN_NAMESPACE],
  *hops(from, world) {
    for (const write of [...ON_CLUSTER, ...IN_NAMESPACE]) {
      // `bind` is asked in the namespace of the binding, by the same request.
      for (const { both, namespace, needs, because } of pairsHeld(from, world, write, BIND)) {
        for (const to of gives(write, namespace, both[1].object, world)) yield { to, needs, because };
      }
    }
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

/** What the strongest role that may be bound gives: any, or the one the rule is limited to. */
function gives(
  write: (typeof ON_CLUSTER)[number],
  namespace: string | undefined,
  role: string | undefined,
  world: World,
): readonly AttackNode[] {
  const named = role === undefined ? undefined : world.engines.clusterRole(role);
  if (role !== undefined && !named) return [];
  if (ON_CLUSTER.includes(write)) {
    if (namespace !== undefined) return [];
    if (!named || administersCluster(named)) return [node('ClusterAdmin')];
    return administersNamespace(named) ? [all('NamespaceAdmin')] : [];
  }
  if (named && !administersNamespace(named)) return [];
  // cluster-admin bound in a namespace may also change the labels of that namespace.
  const admission = !named || administersCluster(named);
  if (namespace === undefined)
    return admission ? [all('NamespaceAdmin'), all('AdmissionControl')] : [all('NamespaceAdmin')];
  const admin = node('NamespaceAdmin', undefined, namespace);
  return admission ? [admin, node('AdmissionControl', undefined, namespace)] : [admin];
}
