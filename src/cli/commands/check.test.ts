import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture } from '../../testing/fixtures.ts';
import { runCommand } from '../../testing/test-io.ts';
import type { CheckReport } from '../../report/check-report.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-check-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: web
          ports: [{ containerPort: 80 }]
`;

async function report(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<CheckReport> {
  const cwd = folderWith(files);
  const names = Object.keys(files).flatMap((name) => ['-f', name]);
  const ran = await runCommand(['check', ...names, '-o', 'json', ...args], { cwd });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ran.stdout) as CheckReport;
}

describe('check', () => {
  test('names the object as written, the container, the file as given, the field and its line', async () => {
    const { kind, results } = await report({ 'web.yaml': WEB }, '--only', 'host-network,host-port');
    expect(kind).toBe('CheckReport');
    expect(results).toEqual([
      expect.objectContaining({
        check: 'host-network',
        verdict: 'fail',
        severity: 'high',
        object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
        file: 'web.yaml',
        path: 'spec.template.spec.hostNetwork',
        line: 9,
      }),
      expect.objectContaining({ check: 'host-port', container: 'web', file: 'web.yaml' }),
    ]);
  });

  test('with --pod-security only the controls of that level and version run, one row each, passing ones included', async () => {
    const { results } = await report({ 'web.yaml': WEB }, '--pod-security', 'baseline@v1.33');
    expect(results).toHaveLength(11);
    const failing = results.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check);
    expect(failing).toEqual(['pod-security/hostnamespaces', 'pod-security/hostports']);
    expect(results.every(({ file }) => file === 'web.yaml')).toBe(true);
    expect(results.every(({ object }) => object.kind === 'Deployment')).toBe(true);
  });

  test('with --show-passed every check that examined an object has a row for it', async () => {
    const { results } = await report({ 'web.yaml': WEB }, '--only', 'host-pid,host-network', '--show-passed');
    expect(results.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual(['host-network fail', 'host-pid pass']);
  });

  test('a kind that is treated as unreadable leaves unknown rows, never a pass', async () => {
    const { results, summary } = await report(
      { 'web.yaml': WEB },
      '--only',
      'ns-no-netpol',
      '--unreadable',
      'NetworkPolicy',
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['unknown']);
    expect(summary).toMatchObject({ unknown: 1, pass: 0 });
  });

  test('a broken document makes the checks that may have missed an object unknown', async () => {
    const { results } = await report(
      { 'web.yaml': WEB, 'broken.yaml': 'kind: Pod\n  a: [' },
      '--only',
      'host-pid',
      '--show-passed',
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['unknown', 'pass']);
  });

  test('--fail-on and --fail-on-incomplete set the exit status', async () => {
    const cwd = folderWith({ 'web.yaml': WEB });
    const status = async (...args: readonly string[]) =>
      (await runCommand(['check', '-f', 'web.yaml', '--only', 'host-network', ...args], { cwd })).status;
    expect(await status('--fail-on', 'high')).toBe(1);
    expect(await status('--fail-on', 'critical')).toBe(0);
    expect(await status('--fail-on-incomplete')).toBe(0);
    expect(await status('--fail-on-incomplete', '--unreadable', 'Pod')).toBe(3);
  });

  test('an unknown check or level is wrong usage, with what was probably meant', async () => {
    const cwd = folderWith({ 'web.yaml': WEB });
    const wrong = await runCommand(['check', '-f', 'web.yaml', '--only', 'hostpid'], { cwd });
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('host-pid');
    expect((await runCommand(['check', '-f', 'web.yaml', '--pod-security', 'strict@v1.30'], { cwd })).status).toBe(2);
  });

  test('the first screen leads with the count and ends with what to type next', async () => {
    const cwd = folderWith({ 'web.yaml': WEB });
    const { stdout } = await runCommand(['check', '-f', 'web.yaml', '--only', 'host-network,host-pid'], { cwd });
    expect(stdout).toMatch(/^1 finding: 1 high; 1 passed \(2 checks on web.yaml\)/);
    expect(stdout).toMatch(/Next: seaworthy explain host-network/);
  });
});

describe('suppressions', () => {
  const suppressed = (value: string) =>
    WEB.replace('name: web\n  ', `name: web\n  annotations: { seaworthy.dev/suppress-host-network: "${value}" }\n  `);

  test('a finding is shown as accepted, not dropped, and no longer trips a threshold', async () => {
    const files = { 'web.yaml': suppressed('until=2026-01-01 the load balancer of the old site') };
    const { results, summary, suppressions } = await report(files, '--only', 'host-network', '--fail-on', 'low');
    expect(results[0]).toMatchObject({
      verdict: 'fail',
      accepted: { until: '2026-01-01', reason: 'the load balancer of the old site' },
    });
    expect(summary).toMatchObject({ fail: 0, accepted: 1 });
    expect(suppressions.map(({ status }) => status)).toEqual(['inForce']);
  });

  test.each([
    ['expired', 'until=2025-12-31 soon', 'host-network'],
    ['unused', 'until=2027-01-31 a reason', 'host-pid'],
    ['invalid', 'until=2027-01-31', 'host-network'],
    ['invalid', 'because I say so', 'host-network'],
  ])('one that is %s is reported and accepts nothing', async (status, value, only) => {
    const { results, suppressions } = await report({ 'web.yaml': suppressed(value) }, '--only', only);
    expect(suppressions).toMatchObject([{ check: 'host-network', status }]);
    expect(results.filter(({ accepted }) => accepted)).toEqual([]);
  });
});

describe('explain', () => {
  test.each([
    ['host-pid', '# host-pid'],
    ['pod-security/hostports', 'level baseline'],
    ['SW_UNKNOWN_CHECK', '# SW_UNKNOWN_CHECK'],
  ])('%s', async (id, expected) => {
    const { status, stdout } = await runCommand(['explain', id], { cwd: tmpdir() });
    expect(status).toBe(0);
    expect(stdout).toContain(expected);
  });

  test('an unknown id suggests near ones', async () => {
    const { status, stderr } = await runCommand(['explain', 'hostpid'], { cwd: tmpdir() });
    expect(status).toBe(2);
    expect(stderr).toContain('host-pid');
  });
});

const APPS = fixture('apps');
describe.runIf(APPS)('real applications', () => {
  const failing = async (app: string, check: string): Promise<readonly string[]> => {
    const ran = await runCommand(['check', '-f', join(APPS ?? '', app), '-o', 'json', '--only', check], {
      cwd: tmpdir(),
    });
    const { results } = JSON.parse(ran.stdout) as CheckReport;
    return [...new Set(results.filter((r) => r.verdict === 'fail').map((r) => r.object.name))];
  };

  test('kubernetes-goat: the planted weaknesses are found', async () => {
    expect(await failing('kubernetes-goat', 'cluster-admin-binding')).toEqual(['superadmin']);
    expect(await failing('kubernetes-goat', 'runtime-socket-mount')).toContain('health-check-deployment');
    expect(await failing('kubernetes-goat', 'rbac-secrets-read')).toEqual(['secret-reader']);
  });

  test('kube-prometheus: the node exporter, which needs it, is all there is', async () => {
    expect(await failing('kube-prometheus', 'host-network')).toEqual(['node-exporter']);
    expect(await failing('kube-prometheus', 'privileged-container')).toEqual([]);
    expect(await failing('kube-prometheus', 'runtime-socket-mount')).toEqual([]);
  });
});

describe('a document that could not be read', () => {
  const cwd = folderWith({
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true}\n',
    'template.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Name }}}\n',
  });
  const inFiles = async (format: string): Promise<string> =>
    (await runCommand(['check', '-f', '.', '-o', format], { cwd })).stdout;

  test('is one row that says how many checks it keeps from judging', async () => {
    const rows = (await inFiles('csv')).split('\r\n').filter((row) => row.includes('template.yaml'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^fail,medium,SW_HELM_TEMPLATE,.*; \d\d checks can't judge it"/);
    const { runs } = JSON.parse(await inFiles('sarif')) as {
      readonly runs: readonly { readonly results: readonly { readonly ruleId: string }[] }[];
    };
    expect(runs[0]?.results.filter(({ ruleId }) => ruleId === 'SW_HELM_TEMPLATE')).toHaveLength(1);
    expect(runs[0]?.results.filter(({ ruleId }) => ruleId === 'host-ipc')).toEqual([]);
  });

  test('is never a pass: no suite of a check that it could be about goes without an error', async () => {
    const junit = await inFiles('junit');
    expect(junit).toMatch(/<testsuite name="host-ipc" tests="1" failures="0" errors="1"/);
    expect(junit).toMatch(/<testsuite name="service-nodeport" tests="0" failures="0" errors="0"/);
  });

  test('has a row for every check in JSON, where programs count by check', async () => {
    const { results } = JSON.parse(await inFiles('json')) as {
      readonly results: readonly { readonly check: string; readonly verdict: string }[];
    };
    const unjudged = results.flatMap(({ check, verdict }) => (verdict === 'unknown' ? [check] : []));
    expect(unjudged).toEqual([...new Set(unjudged)]);
    expect(unjudged).toContain('host-ipc');
    expect(unjudged).not.toContain('service-nodeport');
  });

  test('is one reason on the first screen, however many checks it keeps from judging', async () => {
    expect(await inFiles('table')).toMatch(/; \d\d could not be judged for 1 reason; /);
  });
});

test('where nothing is an object of a cluster, nothing is called checked', async () => {
  const cwd = folderWith({ 'values.yaml': 'replicas: 3\n' });
  const { stdout } = await runCommand(['check', '-f', '.'], { cwd });
  expect(stdout).toMatch(/^Nothing was checked: there is no object of a cluster in \.\n/);
});
