import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../cluster/connect.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { startLab, type Lab } from '../../lab/lab.ts';
import { at, records } from '../../model/json.ts';
import { contentsOf } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { runCommand } from '../../testing/test-io.ts';

const ROOT = join(import.meta.dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'paths-prove-'));
const env = { ...process.env, XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory };
let lab: Lab;
let client: ClusterClient;

/** The part of the shop in which the chain lies: the console, the runner behind it, and what lets them. */
const CHAIN = new Set(['admin', 'ci']);
const LEFT_OUT = new Set(['log-shipper', 'support-2023']);

beforeAll(async () => {
  lab = await startLab({ env, nodes: 1 });
  client = connect({ labKubeconfig: lab.kubeconfigPath }, env, ROOT);
  const { resources } = contentsOf(await readManifests(['examples/shop/manifests'], { cwd: ROOT }));
  const chain = resources
    .map(({ object }) => object)
    .filter(({ kind, metadata }) => CHAIN.has(kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '')))
    .filter(({ metadata }) => !LEFT_OUT.has(metadata.name))
    .toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
  for (const object of chain) {
    const applied = await client.apply(object);
    if (applied.kind !== 'ok') throw new Error(`${object.kind} ${object.metadata.name}: ${applied.kind}`);
  }
  await Promise.all([ready('admin', 'console'), ready('ci', 'runner')]);
});
afterAll(async () => {
  client.close();
  await lab.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ready(namespace: string, name: string): Promise<void> {
  const pods = (await client.resourceOf('v1', 'Pod'))!;
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(200)) {
    for await (const page of client.list(pods, { namespace })) {
      const found = page.kind === 'ok' ? page.value.filter(({ metadata }) => metadata.name.startsWith(name)) : [];
      const conditions = found.flatMap((pod) => records(at(pod, 'status', 'conditions')));
      if (conditions.some(([, one]) => one['type'] === 'Ready' && one['status'] === 'True')) return;
    }
  }
  throw new Error(`${namespace}/${name} did not become ready`);
}

async function report(...args: readonly string[]) {
  const ran = await runCommand(['paths', ...args, '--lab', '-o', 'json'], { cwd: ROOT, env });
  expect(ran.stderr).not.toContain('error SW_');
  return JSON.parse(ran.stdout);
}

const QUESTION = ['--from', 'Internet', '--to', 'Root'];
const REPORTS = ['--with', 'examples/shop/reports'];

test('the picture and the words say what was seen', async () => {
  const args = ['paths', 'prove', ...QUESTION, ...REPORTS, '--lab', '-o'];
  const html = await runCommand([...args, 'html'], { cwd: ROOT, env });
  expect(html.stdout.match(/<tspan class="proven">✓<\/tspan>/g)).toHaveLength(8);
  const markdown = await runCommand([...args, 'markdown'], { cwd: ROOT, env });
  expect(markdown.stdout).toContain('- Internet → Root: proven');
  expect(markdown.stdout).toMatch(/✓ proven by an access review: the API server says that .* may create pods in ci/);
});

test('what is written down and not so in the cluster is refuted, and leaves the graph', async () => {
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'of-long-ago' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace: 'ci' }],
  };
  const file = join(directory, 'binding.json');
  writeFileSync(file, JSON.stringify(binding));
  const question = ['--from', 'Shell:ci/runner', '--to', 'ClusterAdmin', '--with', file];
  const { paths, hops, removed } = await report('prove', ...question);
  expect(paths).toMatchObject([{ verdict: 'refuted', hops: [] }]);
  // The binding seems to give every right, so there are many ways; the cluster knows none of them.
  expect(removed[0]).toBe('F7 Identity:system:serviceaccount:ci:runner > ClusterAdmin');
  expect(hops.find(({ id }: { id: string }) => id === removed[0])).toMatchObject({
    verdict: 'refuted',
    seen: [{ check: 'review', verdict: 'refuted' }],
  });
});

test('every hop of the planted chain is proven, and after the proposed change there is none', async () => {
  const before = await report('prove', ...QUESTION, ...REPORTS);
  const seen = before.hops.map(({ kind, verdict }: { kind: string; verdict: string }) => `${kind} ${verdict}`);
  expect(seen).toEqual(['A1', 'A2', 'H1', 'A2', 'H3', 'D1', 'F7', 'E9'].map((kind) => `${kind} proven`));
  expect(before.paths).toMatchObject([{ verdict: 'proven' }]);
  const token = before.hops.find(({ kind }: { kind: string }) => kind === 'D1').seen[0].says;
  expect(token).toContain('inside runner: /var/run/secrets/kubernetes.io/serviceaccount is mounted');

  const without = { spec: { template: { spec: { automountServiceAccountToken: false } } } };
  const runner = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ci', name: 'runner' };
  expect(await client.patch(runner, 'merge', without)).toMatchObject({ kind: 'ok' });
  const after = await report('prove', ...QUESTION, ...REPORTS);
  expect(after.paths).toMatchObject([{ verdict: 'none', hops: [] }]);
});
