import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommand, type Ran } from '../../testing/test-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'reach-diff-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Differences of two files. */
function diff(old: string, now: string, ...more: readonly string[]): Promise<Ran> {
  return runCommand(['reach', 'diff', '-f', now, '--against', old, ...more], { cwd: directory });
}

const pods = ['web', 'db'].map(
  (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
spec: { containers: [{ name: main }] }
`,
);
const policy = (from: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress], ingress: [{ ${from}: [{ podSelector: {} }] }] }
`;

function file(name: string, ...documents: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, documents.join('---\n'));
  return path;
}

test('a policy that is not valid closes nothing for certain, and may be told by the exit status', async () => {
  const [old, now] = [file('old.yaml', ...pods, policy('from')), file('now.yaml', ...pods, policy('form'))];
  const shown = await diff(old, now, '--fail-on', 'opened');
  expect(shown.stdout).toMatch(/\? may close +shop\/web\[Pod\] +shop\/db\[Pod\] +All Connections +not known/);
  expect(shown.stderr).toContain('after: problem SW_POLICY_UNKNOWN_FIELD');
  expect(shown.stderr).toContain('what is undecided afterwards may open more than is listed');
  expect(shown.status).toBe(0);
  expect((await diff(old, now, '--fail-on', 'opened', '--fail-on-incomplete')).status).toBe(3);
  const document = JSON.parse((await diff(old, now, '-o', 'json')).stdout) as { changes: readonly unknown[] };
  expect(document.changes).toContainEqual(
    expect.objectContaining({ from: 'shop/web[Pod]', to: 'shop/db[Pod]', after: null, undecided: ['after'] }),
  );
});

test('with nothing left open the exit status says what was opened', async () => {
  const [old, now] = [file('old.yaml', ...pods, policy('from')), file('now.yaml', ...pods)];
  const gate = ['--fail-on', 'opened', '--fail-on-incomplete'];
  expect((await diff(old, now, ...gate)).status).toBe(1);
  expect((await diff(old, old, ...gate)).status).toBe(0);
});
