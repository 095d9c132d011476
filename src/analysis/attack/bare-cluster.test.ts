import { describe, expect, test } from 'vitest';
import { createSnapshot, type Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { fixture } from '../../testing/fixtures.ts';
import { analyseAttack } from './index.ts';
import { parseNode } from './nodes.ts';

/** Everybody whom the default bindings name without being part of Kubernetes, and who is only somebody. */
const ANYBODY = [
  'Internet',
  'Identity:system:anonymous',
  'Identity:group:system:unauthenticated',
  'Identity:group:system:authenticated',
  'Identity:group:system:serviceaccounts',
  'Identity:ann',
  'Token:default/default',
  'Token:kube-system/default',
];
const GOALS = [
  'ClusterAdmin',
  'SystemMasters',
  'Root',
  'HostRead',
  'NodeIdentity',
  'NamespaceAdmin:default',
  'NamespaceAdmin:kube-system',
  'Secret:kube-system/key',
  'Token:kube-system/strong',
  'TrafficIntercept',
  'CloudPrincipal',
];

/** A cluster just made: two namespaces, an account and a Secret, and the roles every API server has. */
function bare(kind: 'files' | 'cluster', more: Snapshot['list'] = () => []): Snapshot {
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'strong', namespace: 'kube-system' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'kube-system' } },
  ];
  const roles = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].flatMap((one) =>
    more(`${one}.rbac.authorization.k8s.io`),
  );
  return createSnapshot({
    source: { kind, description: 'a bare cluster' },
    resources: [...objects.map((object) => ({ object })), ...roles],
  });
}

function pathsOn(snapshot: Snapshot): readonly string[] {
  const attack = analyseAttack(snapshot);
  return ANYBODY.flatMap((from) =>
    GOALS.filter((to) => attack.path(parseNode(from), parseNode(to)).goal.reachable !== false).map(
      (to) => `${from} -> ${to}`,
    ),
  );
}

test('nobody gets anywhere by the roles and bindings that every API server makes', () => {
  expect(pathsOn(bare('files'))).toEqual([]);
});

test('somebody who is bound to more does', () => {
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'everybody' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
  };
  const found = pathsOn(bare('files', (kind) => (kind.startsWith('ClusterRoleBinding') ? [{ object: binding }] : [])));
  expect(found).toContain('Identity:ann -> Root');
  expect(found).not.toContain('Identity:system:anonymous -> Root');
});

const rbac = fixture('rbac');

describe.skipIf(rbac === undefined)('as upstream writes them', () => {
  test('nobody gets anywhere', async () => {
    const given = await readManifests([rbac ?? '']);
    expect(given.list('ClusterRole.rbac.authorization.k8s.io').length).toBeGreaterThan(50);
    expect(pathsOn(bare('cluster', (kind) => given.list(kind)))).toEqual([]);
  });
});
