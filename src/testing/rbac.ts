import type { KubernetesObject } from '../model/object.ts';
import { createSnapshot, type Gap, type Snapshot, type SnapshotSource } from '../model/snapshot.ts';

/** Short ways to write RBAC objects and requests in tests. */

const GROUP = 'rbac.authorization.k8s.io';
const RBAC = `${GROUP}/v1`;

export interface RuleText {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface SubjectText {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A snapshot of these objects; from a cluster unless stated, so that no defaults are added. */
export function snapshotOf(
  objects: readonly KubernetesObject[],
  { source = 'cluster', gaps = [] }: { readonly source?: SnapshotSource['kind']; readonly gaps?: readonly Gap[] } = {},
): Snapshot {
  return createSnapshot({
    source: { kind: source, description: 'test' },
    resources: objects.map((object) => ({ object })),
    gaps,
  });
}

export function role(namespace: string, name: string, ...rules: readonly RuleText[]): KubernetesObject {
  return { apiVersion: RBAC, kind: 'Role', metadata: { namespace, name }, rules };
}

export function clusterRole(name: string, ...rules: readonly RuleText[]): KubernetesObject {
  return { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name }, rules };
}

export function clusterBinding(name: string, roleName: string, ...subjects: readonly SubjectText[]): KubernetesObject {
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: roleName };
  return { apiVersion: RBAC, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
}

/** `ref` is `Role/NAME` or `ClusterRole/NAME`. */
export function binding(
  namespace: string,
  name: string,
  ref: string,
  ...subjects: readonly SubjectText[]
): KubernetesObject {
  const [kind, roleName] = ref.split('/');
  const roleRef = { apiGroup: GROUP, kind, name: roleName };
  return { apiVersion: RBAC, kind: 'RoleBinding', metadata: { namespace, name }, roleRef, subjects };
}

/** A request; `resource` may be written `pods/log`. */
export function asks(
  verb: string,
  resource: string,
  more: { readonly group?: string; readonly name?: string; readonly namespace?: string } = {},
) {
  const [name = '', subresource = ''] = resource.split('/');
  return { kind: 'resource' as const, verb, group: '', resource: name, subresource, name: '', namespace: '', ...more };
}
