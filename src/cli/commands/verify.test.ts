import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VerificationReport } from '../../report/types.ts';
import { readSarif } from '../../testing/sarif.ts';
import { run } from '../run.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SHOP = ['verify', '-f', 'examples/shop/manifests', '--claims', 'examples/shop/claims.yaml'];

async function call(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const text = { out: '', err: '' };
  const sink = (name: 'out' | 'err'): PassThrough =>
    new PassThrough().on('data', (chunk: Buffer) => (text[name] += chunk.toString()));
  const code = await run(args, {
    stdin: new PassThrough(),
    stdout: sink('out'),
    stderr: sink('err'),
    env: {},
    cwd: ROOT,
    now: () => new Date('2026-11-21T12:00:00Z'),
    signal: new AbortController().signal,
    exitCode: 0,
  });
  return { code, ...text };
}

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'seaworthy-verify-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('the first screen has the verdicts, the worst things and the next command', async () => {
  const { code, out } = await call(...SHOP);
  expect(code).toBe(0);
  expect(out).toMatch(/✗ 6 violated {2}\? 3 unknown/);
  expect(out).toMatch(/✗ violated .*\n(?: +.*\n)*? +admin\/console-is-internal/);
  expect(out).toMatch(/1\. CRITICAL {2}cluster-admin-binding/);
  expect(out).toMatch(/^Next: seaworthy verify/m);
});

test('the same findings stand in every format, and each parses', async () => {
  const report = JSON.parse((await call(...SHOP, '-o', 'json')).out) as VerificationReport;
  const results = report.claims.length + report.findings.length;
  expect(readSarif((await call(...SHOP, '-o', 'sarif')).out).results).toHaveLength(results);
  const junit = (await call(...SHOP, '-o', 'junit')).out;
  expect(junit.match(/<testcase/g)).toHaveLength(results);
  const csv = (await call(...SHOP, '-o', 'csv')).out.trimEnd().split('\r\n');
  expect(csv).toHaveLength(1 + results);
  const names = (await call(...SHOP, '-o', 'name')).out.trimEnd().split('\n');
  expect(names).toHaveLength(results);
  const html = (await call(...SHOP, '-o', 'html')).out;
  expect(html.match(/<li data-filter="claims"/g)).toHaveLength(report.claims.length);
  expect(html.match(/<li data-filter="findings"/g)).toHaveLength(
    new Set(report.findings.map(({ check }) => check)).size,
  );
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('a reproducible report is the same every time', async () => {
  const [a, b] = [
    await call(...SHOP, '-o', 'json', '--reproducible'),
    await call(...SHOP, '-o', 'json', '--reproducible'),
  ];
  expect(a.out).toBe(b.out);
  expect(a.out).not.toMatch(/generatedAt/);
});

describe('exit codes', () => {
  test('1 for a threshold, without usage text', async () => {
    const { code, err } = await call(...SHOP, '--fail-on', 'violated');
    expect([code, err]).toEqual([1, '--fail-on violated: 6 violated claims\n']);
  });
  test('3 for open questions, when asked', async () => {
    expect((await call(...SHOP, '--fail-on-incomplete')).code).toBe(3);
  });
  test('2 for an unknown threshold, missing claims, and a level that needs a cluster', async () => {
    expect((await call(...SHOP, '--fail-on', 'awful')).code).toBe(2);
    expect((await call('verify', '-f', 'examples/shop/manifests', '--claims', 'nowhere.yaml')).err).toMatch(
      /SW_CLAIMS_NOT_FOUND/,
    );
    expect((await call(...SHOP, '--level', 'observed')).err).toMatch(/SW_LEVEL_NEEDS_CLUSTER/);
  });
});

test('what is in the baseline is not new', async () => {
  const file = join(scratch, 'baseline.json');
  await writeFile(file, (await call(...SHOP, '-o', 'json')).out);
  expect((await call(...SHOP, '--baseline', file, '--fail-on', 'new')).code).toBe(0);
  const changed = join(scratch, 'debug.yaml');
  await writeFile(
    changed,
    'apiVersion: v1\nkind: Pod\nmetadata: { name: debug, namespace: ci }\nspec: { containers: [{ name: sh, image: sh:1, securityContext: { privileged: true } }] }\n',
  );
  expect((await call(...SHOP, '-f', changed, '--baseline', file, '--fail-on', 'new')).code).toBe(1);
  await writeFile(file, '{}');
  expect((await call(...SHOP, '--baseline', file)).err).toMatch(/SW_BASELINE_INVALID/);
});

test('a removed policy opens connections and changes verdicts', async () => {
  const { out } = await call(
    'verify',
    '-f',
    'examples/shop/manifests/00-namespaces.yaml',
    '-f',
    'examples/shop/manifests/10-shop.yaml',
    '--claims',
    'examples/shop/claims.yaml',
    '--against',
    'examples/shop/manifests',
    '-o',
    'json',
  );
  const { comparison } = JSON.parse(out) as VerificationReport;
  expect(comparison?.verdicts).toContainEqual(
    expect.objectContaining({ claim: 'shop/only-cart-reaches-its-store', before: 'holds', after: 'violated' }),
  );
  expect(comparison?.connections.some(({ opens }) => opens)).toBe(true);
});
