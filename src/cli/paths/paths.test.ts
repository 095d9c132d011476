import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../testing/test-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'paths-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const pod = (name: string, account: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop }
spec: { serviceAccountName: ${account}, containers: [{ name: c, image: i }] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${account}, namespace: shop }
---`;
const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: too-much }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects:
  - { kind: ServiceAccount, name: strong, namespace: shop }
  - { kind: User, name: ann, apiGroup: rbac.authorization.k8s.io }
---`;
const claim = `
apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: ann-administers }
spec:
  severity: high
  access:
    subjects: [{ kind: User, name: ann }]
    verbs: [delete]
    resources: [nodes]
    expect: allowed
`;

beforeAll(() => {
  writeFileSync(join(directory, 'new.yaml'), [pod('a', 'strong'), pod('b', 'strong'), binding].join(''));
  writeFileSync(join(directory, 'old.yaml'), [pod('a', 'strong'), pod('b', 'strong')].join(''));
  writeFileSync(join(directory, 'claims.yaml'), claim);
});

async function run(...args: readonly string[]) {
  const ran = await runCommand(['paths', ...args], { cwd: directory, env: { NO_COLOR: '1' } });
  return { ...ran, json: () => JSON.parse(ran.stdout) };
}

test('similar workloads are shown once, choke points first', async () => {
  const { stdout } = await run('-f', 'new.yaml', '--to', 'ClusterAdmin');
  expect(stdout).toContain('Choke points');
  expect(stdout).toContain('     2  ClusterRoleBinding too-much');
  expect(stdout).toContain('and 1 similar: Shell:shop/b');
});

test('one path is one JSON document with its edges', async () => {
  const { kind, goals, paths, edges } = (
    await run('-f', 'new.yaml', '--from', 'Shell:shop/a', '--to', 'ClusterAdmin', '-o', 'json')
  ).json();
  expect([kind, goals.length, goals[0].reachable]).toEqual(['AttackPaths', 1, true]);
  expect(paths[0].edges.every((id: string) => edges.some((edge: { id: string }) => edge.id === id))).toBe(true);
  expect(edges.at(-1).to).toEqual({ kind: 'ClusterAdmin' });
});

test('dot: every hop is an arrow between the nodes of its edge', async () => {
  const { stdout } = await run('-f', 'new.yaml', '--from', 'Shell:shop/a', '--to', 'ClusterAdmin', '-o', 'dot');
  expect(stdout).toMatch(/^digraph paths \{/);
  expect(stdout).toContain('"Token:shop/strong" -> "Identity:system:serviceaccount:shop:strong" [label="F7"');
  expect(stdout).toContain('"ClusterAdmin" [shape=doubleoctagon]');
});

test('fix: the smallest change, and another where a claim would break', async () => {
  const question = ['-f', 'new.yaml', '--to', 'ClusterAdmin', '-o', 'json'];
  const free = (await run('fix', ...question)).json();
  expect(free).toMatchObject({ kind: 'FixSet', outcome: 'fixed', minimal: true, gap: 0, verified: true });
  expect(free.changes).toHaveLength(1);
  const careful = (await run('fix', ...question, '--claims', 'claims.yaml')).json();
  expect(careful.outcome).toBe('fixed');
  expect(careful.changes.map(({ says }: { says: string }) => says)).not.toContain('delete ClusterRoleBinding too-much');
});

test('diff: the object that opened the paths', async () => {
  const opened = (await run('diff', '-f', 'new.yaml', '--against', 'old.yaml', '-o', 'json')).json();
  expect(opened.kind).toBe('PathDiff');
  expect(opened.changes.length).toBeGreaterThan(0);
  for (const { change, by } of opened.changes)
    expect([change, by]).toEqual([
      'opened',
      [{ change: 'added', object: { kind: 'ClusterRoleBinding', name: 'too-much' } }],
    ]);
  const closed = await run('diff', '-f', 'old.yaml', '--against', 'new.yaml', '--fail-on', 'opened');
  expect(closed.stdout).toContain('- closed');
  expect(closed.status).toBe(0);
});

test('prove needs a cluster', async () => {
  const { status, stderr } = await run('prove', '-f', 'new.yaml');
  expect(status).toBe(2);
  expect(stderr).toContain('SW_PROVE_NEEDS_CLUSTER');
});
