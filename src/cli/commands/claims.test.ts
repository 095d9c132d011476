import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, type Ran } from '../../testing/test-io.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SHOP = ['-f', 'examples/shop/manifests'];
const seaworthy = (...args: readonly string[]): Promise<Ran> => runCommand(args, { cwd: ROOT });
const claimLines = ({ stdout }: Ran): readonly string[] =>
  stdout
    .split('\n')
    .filter((line) => line.includes(' claim/'))
    .sort();

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'seaworthy-claims-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('derived claims, kept in a file, are judged as they are when they are derived', async () => {
  const file = join(scratch, 'derived.yaml');
  await writeFile(file, (await seaworthy('claims', 'derive', ...SHOP, '-o', 'yaml')).stdout);
  const kept = claimLines(await seaworthy('verify', ...SHOP, '--claims', file, '--no-derive', '-o', 'name'));
  const derived = claimLines(await seaworthy('verify', ...SHOP, '-o', 'name'));
  expect(kept.length).toBeGreaterThan(30);
  expect(kept).toEqual(derived);
});

test('a written claim takes the place of the derived one of its name', async () => {
  const file = join(scratch, 'own.yaml');
  await writeFile(
    file,
    'apiVersion: seaworthy.dev/v1alpha1\nkind: Claim\nmetadata: { name: netpol-cart, namespace: shop }\n' +
      'spec: { statement: Mine., reach: { from: { internet: true }, to: { pods: { matchLabels: { app: cart } } }, expect: denied } }\n',
  );
  const { stdout } = await seaworthy('claims', 'list', ...SHOP, '--claims', file);
  expect(stdout.match(/shop\/netpol-cart /g)).toHaveLength(1);
  expect(stdout).toMatch(/shop\/netpol-cart .* Mine\./);
});

test('lint names what is broken with its line, what selects nothing, and what cannot be true together', async () => {
  const file = join(scratch, 'bad.yaml');
  const claim = (name: string, spec: string): string =>
    `---\napiVersion: seaworthy.dev/v1alpha1\nkind: Claim\nmetadata: { name: ${name}, namespace: shop }\nspec: { ${spec} }\n`;
  const reach = (app: string, expected: string): string =>
    `reach: { from: { pods: { matchLabels: { app: ${app} } } }, to: { pods: { matchLabels: { app: cart } } }, expect: ${expected} }`;
  const good = [claim('a', reach('gateway', 'allowed')), claim('b', reach('gateway', 'denied'))];
  await writeFile(file, [...good, claim('c', reach('nobody', 'denied'))].join(''));
  const linted = await seaworthy('claims', 'lint', ...SHOP, '--claims', file);
  expect(linted.status).toBe(0);
  expect(linted.stdout).toMatch(/bad\.yaml:\d+: empty: claim shop\/c: /);
  expect(linted.stdout).toMatch(/contradiction: claim shop\/b: it says denied and claim shop\/a says allowed/);

  await writeFile(file, [...good, claim('d', 'capacity: {}'), claim('e', 'serverity: high')].join(''));
  const broken = await seaworthy('claims', 'lint', ...SHOP, '--claims', file, '-o', 'json');
  expect(broken.status).toBe(2);
  const { kind, results } = JSON.parse(broken.stdout) as { kind: string; results: { lint: string; line: number }[] };
  expect(kind).toBe('ClaimList');
  expect(results.map(({ lint }) => lint)).toContain('SW_CLAIM_KIND_NOT_BUILT');
  expect(results.every(({ line }) => line > 0)).toBe(true);
});

test('a kind nobody could read never lets a claim of the command line hold that did not', async () => {
  const before = new Set(claimLines(await seaworthy('verify', ...SHOP, '-o', 'name')));
  for (const kind of ['Deployment', 'ClusterRole', 'NetworkPolicy', 'Service']) {
    const after = claimLines(await seaworthy('verify', ...SHOP, '-o', 'name', '--unreadable', kind));
    const known = new Set([...before].map((line) => line.split(' ').at(-1)));
    const better = after.filter(
      (line) => line.startsWith('holds ') && known.has(line.split(' ').at(-1)) && !before.has(line),
    );
    expect({ kind, better }).toEqual({ kind, better: [] });
  }
});
