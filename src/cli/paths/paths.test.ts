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
  const { stdout } = await run('diff', '-f', 'new.yaml', '--against', 'old.yaml', '--to', 'Root', '-o', 'markdown');
  expect(stdout).toMatch(/^2 attack paths opened, 0 closed\.\n\n### ✗ opened: Shell:shop\/a → Root\n\n1\. /);
  expect(stdout).toContain('By:\n\n- ClusterRoleBinding too-much added\n');
});

test.each([
  ['Interne', 'Did you mean Internet?'],
  ['shell:shop/a', 'Did you mean Shell?'],
  ['ClusterAdmn', 'Did you mean ClusterAdmin?'],
])('%s is no node kind: what may have been meant is said', async (written, meant) => {
  const { status, stderr } = await run('-f', 'new.yaml', '--from', written);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error SW_ATTACK_NODE: /);
  expect(stderr).toContain(meant);
});

test.each([
  ['Token:shop/stron', 'no service account shop/stron in what was read. Did you mean shop/strong?'],
  ['Shell:shop/aa', 'no pod or workload shop/aa in what was read. Did you mean shop/a or shop/b?'],
  ['NamespaceAdmin:shp', 'no namespace shp in what was read. Did you mean shop?'],
  ['Identity:anm', 'no subject of a binding anm in what was read. Did you mean ann?'],
])('%s names nothing that was read: that is said, and the answer is still given', async (written, note) => {
  const { status, stderr, json } = await run('-f', 'new.yaml', '--from', written, '--to', 'Root', '-o', 'json');
  expect(status).toBe(0);
  expect(stderr).toBe(`note: ${written}: ${note}\n`);
  expect(json().kind).toBe('AttackPaths');
});

test('names that were read, and those that nobody can know, are not remarked on', async () => {
  for (const written of ['Token:shop/strong', 'Shell:shop/a', 'Token:shop/default', 'Identity:zoe', 'Root', 'Internet'])
    expect((await run('-f', 'new.yaml', '--from', written, '--to', 'ClusterAdmin')).stderr).toBe('');
});

test('what was not tried is said', async () => {
  const { stdout } = await run('-f', 'old.yaml');
  expect(stdout).toContain('Tried from the internet and a shell in 2 workloads: 3 of 3 footholds lead nowhere.');
  expect(stdout).toContain('Goals other than ClusterAdmin and Root were not tried');
  const named = await run('-f', 'old.yaml', '--from', 'Internet', '--to', 'Root');
  expect(named.stdout).not.toContain('tried');
});

test('what is recorded stands beside both sides of a comparison', async () => {
  const both = ['-f', 'old.yaml', '--against', 'old.yaml', '--with', 'new.yaml'];
  expect((await run('diff', ...both)).stdout).toBe('The change opens no path and closes none.\n');
  const { stdout } = await run(
    '-f',
    'old.yaml',
    '--with',
    'new.yaml',
    '--from',
    'Shell:shop/a',
    '--to',
    'ClusterAdmin',
  );
  expect(stdout).toContain('ClusterAdmin: reachable');
});

test('prove needs a cluster', async () => {
  const { status, stderr } = await run('prove', '-f', 'new.yaml');
  expect(status).toBe(2);
  expect(stderr).toContain('SW_PROVE_NEEDS_CLUSTER');
});
