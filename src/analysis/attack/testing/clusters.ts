import fc from 'fast-check';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot, type Snapshot } from '../../../model/snapshot.ts';

export const NAMESPACES = ['a', 'b'] as const;
const namespace = fc.constantFrom(...NAMESPACES);
const account = fc.constantFrom('default', 'strong');
const RBAC = 'rbac.authorization.k8s.io';

const pod = fc.record({
  namespace,
  account,
  privileged: fc.boolean(),
  token: fc.boolean(),
  path: fc.constantFrom(undefined, '/', '/etc', '/var/run/docker.sock'),
});
const rule = fc.constantFrom(
  { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'], resourceNames: ['strong'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] },
  { apiGroups: [RBAC], resources: ['clusterrolebindings', 'rolebindings'], verbs: ['create'] },
  { apiGroups: [RBAC], resources: ['clusterroles'], verbs: ['bind'] },
  { apiGroups: [RBAC], resources: ['clusterroles'], verbs: ['patch', 'escalate'] },
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
);
const grant = fc.record({
  rule,
  subject: fc.oneof(
    fc.record({ namespace, account }),
    fc.record({ group: fc.constantFrom('system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated') }),
  ),
  scope: fc.constantFrom(undefined, ...NAMESPACES),
});
/** Small clusters in which accounts, grants, pods and guarded namespaces meet in every way. */
export const cluster = fc.record({
  pods: fc.array(pod, { maxLength: 4 }),
  grants: fc.array(grant, { maxLength: 5 }),
  guarded: fc.subarray([...NAMESPACES]),
});
export type Cluster = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

/** The objects of a generated cluster. */
export function snapshotOf({ pods, grants, guarded }: Cluster): Snapshot {
  const objects: KubernetesObject[] = [
    ...NAMESPACES.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: guarded.includes(name) ? { 'pod-security.kubernetes.io/enforce': 'baseline' } : {} },
    })),
    ...NAMESPACES.map((one) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'strong', namespace: one },
    })),
    ...pods.map((one, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${index}`, namespace: one.namespace },
      spec: {
        serviceAccountName: one.account,
        automountServiceAccountToken: one.token,
        containers: [
          {
            name: 'c',
            image: 'i',
            securityContext: { privileged: one.privileged },
            ...(one.path === undefined ? {} : { volumeMounts: [{ name: 'v', mountPath: '/h' }] }),
          },
        ],
        volumes: one.path === undefined ? [] : [{ name: 'v', hostPath: { path: one.path } }],
      },
    })),
    ...grants.flatMap(({ rule: granted, subject, scope }, index) => [
      { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name: `r${index}` }, rules: [granted] },
      {
        apiVersion: `${RBAC}/v1`,
        kind: scope === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
        metadata: { name: `b${index}`, ...(scope === undefined ? {} : { namespace: scope }) },
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: `r${index}` },
        subjects: [
          'group' in subject
            ? { kind: 'Group', name: subject.group, apiGroup: RBAC }
            : { kind: 'ServiceAccount', name: subject.account, namespace: subject.namespace },
        ],
      },
    ]),
  ];
  return createSnapshot({
    source: { kind: 'cluster', description: 'generated' },
    resources: objects.map((object) => ({ object })),
  });
}
