import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand, type Ran } from '../testing/test-io.ts';

/** What somebody types who has not read the manual: slips of the pen, directories for files, formats out of habit. */
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'mistakes-'));
  writeFileSync(join(cwd, 'pod.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n');
  const claim = 'metadata: {name: x}\nspec: {posture: {checks: [host-pid]}}\n';
  writeFileSync(join(cwd, 'claims.yaml'), `apiVersion: seaworthy.dev/v1alpha1\nkind: Claim\n${claim}`);
  mkdirSync(join(cwd, 'experiments', 'nested'), { recursive: true });
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const seaworthy = (...args: readonly string[]): Promise<Ran> =>
  runCommand(args, { cwd, env: { KUBECONFIG: '/nowhere' } });

describe('names', () => {
  test.each([
    [['explain', 'privilged-container'], 'hint: Did you mean privileged-container?\n'],
    [['explain', 'something-else-entirely'], 'hint: Every result is printed with its id; docs/ has a page for each.\n'],
    [['check', '-f', 'pod.yaml', '--only', 'host-pidd'], 'hint: Did you mean host-pid'],
    [['check', '-f', 'pod.yaml', '--only', 'qqqqqq'], 'hint: docs/checks has a page for every check.\n'],
    [['check', '-f', 'pod.yaml', '--color', 'allways'], 'Allowed choices are auto, always, never.'],
  ])('%j: %s', async (args, says) => {
    const ran = await seaworthy(...args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(says);
  });
});

test('experiments are given as a directory, too: those below it are found before a cluster is asked', async () => {
  const empty = await seaworthy('experiment', 'plan', '-f', 'experiments');
  expect(empty.stderr).toContain('there is no Experiment in experiments');
  writeFileSync(join(cwd, 'experiments', 'nested', 'broken.yaml'), 'kind: Experiment\n');
  const broken = await seaworthy('experiment', 'plan', '-f', 'experiments');
  expect(broken).toMatchObject({ status: 2, stdout: '' });
  expect(broken.stderr).toContain('experiments/nested/broken.yaml');
});

describe('reach', () => {
  const onReach = (...args: readonly string[]): Promise<Ran> => seaworthy('reach', ...args, '-f', 'pod.yaml');

  test.each([
    [['lnt'], 'hint: Did you mean reach lint?'],
    [['shop/b', 'internet'], 'hint: Did you mean shop/a?'],
    [['shp/', 'internet'], 'hint: Did you mean shop/?'],
    [['-o', 'sarif'], 'error SW_USAGE: reach has no -o sarif'],
    [['lint', '-o', 'svg'], 'error SW_USAGE: reach lint has no -o svg'],
  ])('%j: %s', async (args, says) => {
    const ran = await onReach(...args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(says);
  });

  test('lint writes for tools, too; a format that a configuration sets is for those who have it', async () => {
    writeFileSync(
      join(cwd, 'policy.yaml'),
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {podSelector: {matchLabels: {app: x}}}\n',
    );
    const lint = (...args: readonly string[]) => onReach('lint', '-f', 'policy.yaml', ...args);
    expect((await lint('-o', 'name')).stdout).toBe('fail selects-nothing NetworkPolicy shop/p\n');
    const { runs } = JSON.parse((await lint('-o', 'sarif')).stdout) as {
      readonly runs: readonly { readonly results: readonly { readonly ruleId: string }[] }[];
    };
    expect(runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(['selects-nothing']);
    expect((await lint('-o', 'junit')).stdout).toContain('<failure');
    const env = { SEAWORTHY_OUTPUT: 'sarif' };
    const list = await runCommand(['reach', '-f', 'pod.yaml'], { cwd, env });
    expect(list.status).toBe(0);
    expect(list.stdout).toMatch(/^FROM +TO +PORTS\n/);
  });
});

describe('-o json is one document on stdout', () => {
  test('of snapshot save: the snapshot, and no file called json', async () => {
    const plain = await seaworthy('snapshot', 'save', '-f', 'pod.yaml');
    expect(await seaworthy('snapshot', 'save', '-f', 'pod.yaml', '-o', 'json')).toEqual(plain);
    expect(JSON.parse(plain.stdout)).toMatchObject({ kind: 'Snapshot' });
  });

  test('of claims lint: the claims, and what is wrong with them', async () => {
    const { stdout } = await seaworthy('claims', 'lint', '-f', 'pod.yaml', '--claims', 'claims.yaml', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ClaimList',
      items: [{ metadata: { name: 'x' } }],
      results: [{ lint: 'empty', claim: 'x' }],
    });
  });

  test('of verify: every claim says when it was looked at, null where nothing live was', async () => {
    const { stdout } = await seaworthy('verify', '-f', 'pod.yaml', '--claims', 'claims.yaml', '-o', 'json');
    const { claims } = JSON.parse(stdout) as { readonly claims: readonly Record<string, unknown>[] };
    const fields = ['claim', 'statement', 'verdict', 'level', 'observedAt', 'because', 'evidence'];
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims) {
      expect(Object.keys(claim)).toEqual(expect.arrayContaining(fields));
      expect(claim['observedAt']).toBeNull();
    }
  });
});
