import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot, type Gap, type Snapshot, type SnapshotSource } from '../../model/snapshot.ts';
import type { PolicyRule, ResourceRequest } from './types.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

/** A snapshot of these objects, for tests; from a cluster unless stated, so that no defaults are added. */
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

export function role(namespace: string, name: string, ...rules: readonly Partial<PolicyRule>[]): KubernetesObject {
  return { apiVersion: RBAC, kind: 'Role', metadata: { namespace, name }, rules };
}

export function clusterRole(name: string, ...rules: readonly Partial<PolicyRule>[]): KubernetesObject {
  return { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name }, rules };
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export function clusterBinding(name: string, clusterRole: string, ...subjects: readonly Subject[]): KubernetesObject {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole };
  return { apiVersion: RBAC, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
}

/** `ref` is `Role/NAME` or `ClusterRole/NAME`. */
export function binding(
  namespace: string,
  name: string,
  ref: string,
  ...subjects: readonly Subject[]
): KubernetesObject {
  const [kind, roleName] = ref.split('/');
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName };
  return { apiVersion: RBAC, kind: 'RoleBinding', metadata: { namespace, name }, roleRef, subjects };
}

/** `get pods/log` of a namespace: a request for tests. */
export function asks(verb: string, resource: string, more: Partial<ResourceRequest> = {}): ResourceRequest {
  const [name = '', subresource = ''] = resource.split('/');
  return { kind: 'resource', verb, group: '', resource: name, subresource, name: '', namespace: '', ...more };
}
