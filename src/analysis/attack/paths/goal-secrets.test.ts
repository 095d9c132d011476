import { expect, test } from 'vitest';
import { createSnapshot, type Gap, type SnapshotSource } from '../../../model/snapshot.ts';
import { analyseAttack } from '../index.ts';
import { parseNode } from '../nodes.ts';

const RBAC = 'rbac.authorization.k8s.io';
const OBJECTS = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'reads' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'reads' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'reads' },
    subjects: [{ kind: 'User', apiGroup: RBAC, name: 'ann' }],
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'there', namespace: 'shop' } },
];

function ask(kind: SnapshotSource['kind'], goal: string, gaps: readonly Gap[] = []) {
  const source = { kind, description: 'a cluster' };
  const snapshot = createSnapshot({ source, gaps, resources: OBJECTS.map((object) => ({ object })) });
  return analyseAttack(snapshot).paths(parseNode('Identity:ann'), parseNode(goal));
}

test('in a cluster whose Secrets were all read, one that is not there is said not to be', () => {
  expect(ask('cluster', 'Secret:shop/there').goals[0]?.reachable).toBe(true);
  const [goal] = ask('cluster', 'Secret:shop/gone').goals;
  expect(goal?.reachable).toBe(false);
  expect(goal?.because[0]?.says).toBe('there is no Secret shop/gone');
});

test('where Secrets were not read, whether one is there is not known', () => {
  const gap: Gap = { kind: 'Secret', reason: 'forbidden', detail: 'Secrets: forbidden', remedy: 'list secrets' };
  expect(ask('cluster', 'Secret:shop/gone', [gap]).goals[0]?.reachable).toBe('unknown');
});

test('files need not have the Secrets of the cluster: one that is named is taken to be there, and said to be', () => {
  const { goals, coverage } = ask('files', 'Secret:shop/gone');
  expect(goals[0]?.reachable).toBe(true);
  expect(coverage.presumed).toEqual(['Secret shop/gone']);
  expect(ask('files', 'Secret:shop/there').coverage.presumed).toEqual([]);
});
