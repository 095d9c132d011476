import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allReady, deploy, SHOP } from '../src/cli/demo/shop.ts';
import { connect } from '../src/cluster/connect.ts';
import { startLab, type Lab } from '../src/lab/lab.ts';
import type { Finding, VerificationReport } from '../src/report/types.ts';
import { runCommand } from '../src/testing/test-io.ts';

/** One cluster, told four ways: its manifests, a snapshot of those, itself, and a snapshot of itself. */
const runtime = mkdtempSync(join(tmpdir(), 'seaworthy-consistency-'));
const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
const MANIFESTS = ['-f', join(SHOP, 'manifests')];
const CLAIMS = ['--claims', join(SHOP, 'claims.yaml')];
let lab: Lab | undefined;

beforeAll(async () => {
  lab = await startLab({ env });
  const client = connect({ labKubeconfig: lab.kubeconfigPath }, env, runtime);
  await deploy(client);
  await allReady(client, AbortSignal.timeout(170_000));
  client.close();
});
afterAll(async () => {
  await lab?.stop();
  rmSync(runtime, { recursive: true, force: true });
});

async function verify(...source: readonly string[]): Promise<VerificationReport> {
  const { stdout, stderr } = await runCommand(['verify', ...source, ...CLAIMS, '-o', 'json'], { cwd: runtime, env });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as VerificationReport;
}

async function saved(name: string, ...source: readonly string[]): Promise<readonly string[]> {
  const { status } = await runCommand(['snapshot', 'save', '-o', name, ...source], { cwd: runtime, env });
  expect(status).toBe(0);
  return ['--snapshot', name];
}

const verdictsOf = ({ claims }: VerificationReport): Readonly<Record<string, string>> =>
  Object.fromEntries(claims.map(({ claim, verdict }) => [claim, verdict]));

const key = ({ check, verdict, severity, object, container, path }: Finding): string =>
  [verdict, severity, check, object?.kind, object?.namespace, object?.name, container, path].join(' ');

const findingsOf = (report: VerificationReport): readonly string[] => report.findings.map(key).sort();

test('a snapshot of manifests is judged as the manifests are', async () => {
  const files = await verify(...MANIFESTS);
  const snapshot = await verify(...(await saved('files.json.gz', ...MANIFESTS)));
  expect(verdictsOf(snapshot)).toEqual(verdictsOf(files));
  expect(findingsOf(snapshot)).toEqual(findingsOf(files));
});

test('a snapshot of a cluster is judged as the cluster is', async () => {
  const live = await verify('--lab');
  const snapshot = await verify(...(await saved('live.json', '--lab')));
  expect(verdictsOf(snapshot)).toEqual(verdictsOf(live));
  expect(findingsOf(snapshot)).toEqual(findingsOf(live));
});

test('manifests and the cluster they were applied to get the same verdicts', async () => {
  const files = verdictsOf(await verify(...MANIFESTS));
  const live = verdictsOf(await verify('--lab'));
  expect(Object.fromEntries(Object.keys(files).map((claim) => [claim, live[claim]]))).toEqual(files);
});

test('manifests and the cluster they were applied to have the same findings', async () => {
  const namespaces = ['shop', 'payments', 'admin', 'ci'];
  const mine = (report: VerificationReport): readonly string[] =>
    report.findings
      .filter(({ object }) => namespaces.includes(object?.namespace ?? ''))
      .map(key)
      .sort();
  expect(mine(await verify('--lab'))).toEqual(mine(await verify(...MANIFESTS)));
});
