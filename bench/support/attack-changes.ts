import type { OneChange } from '../../src/analysis/attack/index.ts';
import type { AttackNode } from '../../src/analysis/attack/nodes.ts';
import { node } from '../../src/analysis/attack/nodes.ts';
import type { KubernetesObject } from '../../src/model/object.ts';

/** Changes of several objects of one kind, each with the foothold that it bears on. */
export interface ChangesOfKind {
  readonly kind: string;
  readonly changes: readonly { readonly change: OneChange; readonly from: AttackNode }[];
}

/** Objects of each kind that are changed. */
const OF_EACH = 9;

/** Changes of every kind that the attack graph hangs on, spread over the objects of a generated cluster. */
export function attackChanges(objects: readonly KubernetesObject[]): readonly ChangesOfKind[] {
  const pods = spread(objects.filter(({ kind }) => kind === 'Pod'));
  const shells = new Map(objects.flatMap((one) => (one.kind === 'Pod' ? [[placeOf(one), shellOf(one)]] : [])));
  const some = (kind: string): readonly KubernetesObject[] => spread(objects.filter((one) => one.kind === kind));
  const everyNamespace = some('Namespace').filter(({ metadata }) => shells.has(metadata.name));
  const inNamespaces = (make: (namespace: string) => OneChange) =>
    everyNamespace.map(({ metadata }) => ({ change: make(metadata.name), from: shells.get(metadata.name) ?? USER }));
  const bindings = [...some('RoleBinding'), ...some('ClusterRoleBinding')];
  const roles = [...some('Role'), ...some('ClusterRole')];
  return [
    {
      kind: 'binding',
      changes: bindings.map((before) => ({
        change: { before, after: { ...before, subjects: [{ kind: 'User', apiGroup: RBAC, name: USER.name }] } },
        from: USER,
      })),
    },
    { kind: 'binding gone', changes: bindings.map((before) => ({ change: { before }, from: USER })) },
    {
      kind: 'role',
      changes: roles.map((before) => ({ change: { before, after: { ...before, rules: [CREATE_PODS] } }, from: USER })),
    },
    {
      kind: 'pod',
      changes: pods.map((before) => ({ change: { before, after: withoutToken(before) }, from: shellOf(before) })),
    },
    { kind: 'pod gone', changes: pods.map((before) => ({ change: { before }, from: USER })) },
    { kind: 'policy', changes: inNamespaces((namespace) => ({ after: isolating(namespace) })) },
    {
      kind: 'service account',
      changes: some('ServiceAccount').map((before) => ({
        change: { before, after: { ...before, automountServiceAccountToken: false } },
        from: shells.get(placeOf(before)) ?? USER,
      })),
    },
    { kind: 'Secret', changes: inNamespaces((namespace) => ({ after: tokenSecret(namespace) })) },
    {
      kind: 'Service',
      changes: everyNamespace.map(({ metadata }) => ({
        change: { after: exposing(metadata.name) },
        from: node('Internet'),
      })),
    },
    {
      kind: 'namespace',
      changes: everyNamespace.map((before) => ({
        change: { before, after: guarded(before) },
        from: shells.get(before.metadata.name) ?? USER,
      })),
    },
  ];
}

const RBAC = 'rbac.authorization.k8s.io';
const USER = { ...node('Identity'), name: 'user-7@example.com' };
const CREATE_PODS = { apiGroups: [''], resources: ['pods'], verbs: ['create'] };

function withoutToken(pod: KubernetesObject): KubernetesObject {
  return { ...pod, spec: { ...(pod['spec'] as object), automountServiceAccountToken: false } };
}

function isolating(namespace: string): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'isolated', namespace },
    spec: { podSelector: {}, policyTypes: ['Egress'] },
  };
}

function tokenSecret(namespace: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'lasting', namespace, annotations: { 'kubernetes.io/service-account.name': 'default' } },
    type: 'kubernetes.io/service-account-token',
  };
}

function exposing(namespace: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'exposed', namespace },
    spec: { type: 'LoadBalancer', selector: { app: 'app-1' }, ports: [{ port: 80 }] },
  };
}

function guarded(namespace: KubernetesObject): KubernetesObject {
  const { metadata } = namespace;
  const labels = { ...metadata.labels, 'pod-security.kubernetes.io/enforce': 'baseline' };
  return { ...namespace, metadata: { ...metadata, labels } };
}

function placeOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? 'default';
}

function shellOf({ metadata }: KubernetesObject): AttackNode {
  return node('Shell', metadata.name, metadata.namespace);
}

/** A few of many, as far apart as can be. */
function spread<T>(values: readonly T[]): readonly T[] {
  const count = Math.min(OF_EACH, values.length);
  return Array.from({ length: count }, (_, nth) => values[Math.floor((nth * values.length) / count)]).flatMap((value) =>
    value === undefined ? [] : [value],
  );
}
