import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { contentsOf, createSnapshot, withUnreadable, type Snapshot } from '../../model/snapshot.ts';
import { analyseAttack } from './index.ts';
import { formatNode, parseNode } from './nodes.ts';
import { ATTACK_READS } from './paths.ts';

/** More by `LAWS_RUNS=2000`. */
const RUNS = Number(process.env['LAWS_RUNS'] ?? 50);

const NAMESPACES = ['a', 'b'] as const;
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
const cluster = fc.record({
  pods: fc.array(pod, { maxLength: 4 }),
  grants: fc.array(grant, { maxLength: 5 }),
  guarded: fc.subarray([...NAMESPACES]),
});
type Cluster = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

function snapshotOf({ pods, grants, guarded }: Cluster): Snapshot {
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

const GOALS = ['ClusterAdmin', 'Root', 'Token:b/strong', 'NamespaceAdmin:b'].map(parseNode);

function reached(snapshot: Snapshot, foothold: string): ReadonlyMap<string, boolean | 'unknown'> {
  const attack = analyseAttack(snapshot);
  return new Map(GOALS.map((goal) => [formatNode(goal), attack.path(parseNode(foothold), goal).goal.reachable]));
}

test('taking a grant or a pod away, or guarding a namespace, never opens a path', () => {
  fc.assert(
    fc.property(cluster, fc.nat(3), (whole, index) => {
      const before = reached(snapshotOf(whole), 'Token:a/default');
      const smaller = [
        { ...whole, grants: whole.grants.filter((_, at) => at !== index) },
        { ...whole, pods: whole.pods.filter((_, at) => at !== index) },
        { ...whole, guarded: [...NAMESPACES] },
      ];
      for (const one of smaller) {
        const after = reached(snapshotOf(one), 'Token:a/default');
        for (const [goal, reachable] of after)
          if (reachable === true) expect([goal, before.get(goal)]).toEqual([goal, true]);
      }
    }),
    { numRuns: RUNS },
  );
});

test('what could not be read never gives "no path"', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom(...ATTACK_READS.filter((kind) => kind !== '*')), (whole, kind) => {
      const after = reached(withUnreadable(snapshotOf(whole), [kind]), 'Token:a/default');
      for (const reachable of after.values()) expect(reachable).not.toBe(false);
    }),
    { numRuns: RUNS },
  );
});

test('the order of objects does not matter', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const backwards = { ...whole, pods: whole.pods, grants: whole.grants.toReversed() };
      expect(reached(snapshotOf(backwards), 'Token:a/default')).toEqual(reached(snapshotOf(whole), 'Token:a/default'));
    }),
    { numRuns: RUNS },
  );
});

test('essential is just what takes the path away when it is really taken out of the cluster', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const snapshot = snapshotOf(whole);
      const attack = analyseAttack(snapshot);
      const kept = contentsOf(snapshot);
      // A ServiceAccount or Namespace that is gone takes others with it, which a snapshot does not show.
      const removable = kept.resources.filter(({ object }) => !['ServiceAccount', 'Namespace'].includes(object.kind));
      for (const goal of GOALS) {
        const { essential, reachable } = attack.path(parseNode('Token:a/default'), goal).goal;
        if (reachable !== true) continue;
        const decisive = removable.filter((one) => {
          const left = createSnapshot({ ...kept, resources: kept.resources.filter((other) => other !== one) });
          return analyseAttack(left).path(parseNode('Token:a/default'), goal).goal.reachable !== true;
        });
        expect(essential.flatMap(({ kind, name }) => (kind === 'ServiceAccount' ? [] : [name])).sort()).toEqual(
          decisive.map(({ object }) => object.metadata.name).sort(),
        );
      }
    }),
    { numRuns: RUNS },
  );
});
