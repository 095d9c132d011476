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
  writeFileSync(join(cwd, 'experiment.yaml'), 'apiVersion: seaworthy.dev/v1alpha1\nkind: Experiment\n');
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
    [['check', '-f', 'pod.yaml', '--unreadable', 'netwokpolicies'], 'hint: Did you mean networkpolicies'],
    [
      ['check', '-f', 'pod.yaml', '--unreadable', 'Pod,Wurzel'],
      'SW_UNKNOWN_KIND: --unreadable Wurzel: there is no such',
    ],
  ])('%j: %s', async (args, says) => {
    const ran = await seaworthy(...args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain(says);
  });

  test('a kind can be hidden that a custom resource definition brings, or that is there', async () => {
    writeFileSync(
      join(cwd, 'custom.yaml'),
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: wurzels.garden.dev}\n' +
        'spec: {group: garden.dev, names: {kind: Wurzel, plural: wurzels}}\n---\n' +
        'apiVersion: zoo.dev/v1\nkind: Zebra\nmetadata: {name: z}\n',
    );
    const ran = await seaworthy('check', '-f', 'custom.yaml', '--unreadable', 'Wurzel,zebra', '-o', 'json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      coverage: { gaps: [{ kind: 'Wurzel.garden.dev' }, { kind: 'Zebra.zoo.dev' }] },
    });
  });

  test.each([
    [['lsit', 'pods', '-n', 'shop'], 'hint: no verb lsit is known; did you mean list?'],
    [['list', 'podz', '-n', 'shop'], 'hint: no resource podz is known; did you mean pods?'],
    [['get', 'pod', '-n', 'shop'], 'hint: rules name resources in the plural: pods\n'],
    [['get', 'deploy', '-n', 'shop'], 'hint: rules name resources in the plural: deployments.apps\n'],
    [['get', 'deploymnts', '-n', 'shop'], 'hint: no resource deploymnts is known; did you mean deployments.apps?'],
    [['create', 'pods/exce', '-n', 'shop'], 'hint: no subresource exce is known; did you mean exec?'],
    [['get', 'pods', '-n', 'shp'], 'hint: nothing was read of a namespace shp; did you mean shop?'],
    [['gett', '/metrics'], 'hint: no verb gett is known; did you mean get?'],
  ])('can and who-can take words literally, and ask: %j', async (question, says) => {
    for (const command of [['can', '--as', 'bob'], ['who-can']]) {
      const ran = await seaworthy(...command, ...question, '-f', 'pod.yaml');
      expect(ran.status).toBe(0);
      expect(ran.stderr).toContain(says);
    }
  });

  test('words that are right, or that a rule uses, need no hint', async () => {
    const rule = '{apiGroups: [zoo.dev], resources: [zebras/stripes], verbs: [paint]}';
    writeFileSync(
      join(cwd, 'role.yaml'),
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: shop}\nrules: [${rule}]\n`,
    );
    for (const words of [
      ['paint', 'zebras.zoo.dev/stripes'],
      ['impersonate', 'users'],
      ['get', 'pods/log'],
      ['*', '*'],
    ]) {
      const { stderr } = await seaworthy('can', '--as', 'bob', ...words, '-n', 'shop', '-f', 'role.yaml');
      expect(stderr).not.toContain('hint:');
    }
  });
});

describe('files that are not there, or are no files', () => {
  test.each([
    [['check', '--snapshot', 'none'], "SW_FILE_NOT_FOUND: none can't be opened: there is no such file\n"],
    [['check', '--snapshot', '.'], "SW_FILE_NOT_FOUND: . can't be opened: it is a directory\n"],
    [['check', '-f', 'none'], "SW_FILE_NOT_FOUND: none can't be opened: there is no such file\n"],
    [['check', '-f', 'pod.yaml/none'], "none can't be opened: a part of the path is a file, not a directory\n"],
    [['check', '-f', 'experiments/nested/..'], 'SW_NOTHING_TO_READ'],
    [['check', '--kubeconfig', '.'], "can't be used as a kubeconfig: it is a directory\n"],
    [['verify', '-f', 'pod.yaml', '--claims', '.'], "SW_CLAIMS_NOT_FOUND: . can't be read: it is a directory\n"],
    [
      ['verify', '-f', 'pod.yaml', '--claims', 'experiment.yaml'],
      'SW_CLAIMS_NOT_FOUND: there is no claim in experiment.yaml\n',
    ],
    [['verify', '-f', 'pod.yaml', '--baseline', 'none'], "none can't be read: there is no such file\n"],
    [['verify', '-f', 'pod.yaml', '--report', 'none/x.html'], 'not writable (there is no such file)'],
    [['can', '-f', 'pod.yaml', '--requests', '.'], "SW_REQUESTS_UNREADABLE: . can't be read: it is a directory\n"],
    [['access', 'unused', '-f', 'pod.yaml', '--audit', 'none'], "none can't be read: there is no such file\n"],
    [['claims', 'lint', '-f', 'pod.yaml', '--claims', 'none'], "none can't be read: there is no such file\n"],
    [['experiment', 'plan', '-f', 'none'], "none can't be read: there is no such file\n"],
    [['reach', 'synthesize', '-f', 'pod.yaml', '--flows', 'none'], "none can't be read: there is no such file\n"],
    [['snapshot', 'save', '-f', 'pod.yaml', '-o', 'experiments'], "experiments can't be written: it is a directory\n"],
    [['snapshot', 'save', '-f', 'pod.yaml', '-o', 'none/x'], "none/x can't be written: there is no such file\n"],
  ])('%j: %s', async (args, says) => {
    const ran = await seaworthy(...args);
    expect(ran.stdout).toBe('');
    expect([2, 4]).toContain(ran.status);
    expect(ran.stderr).toContain(says);
    expect(ran.stderr).toContain('  hint: ');
    expect(ran.stderr).not.toMatch(/\bE[A-Z]{4,}\b/);
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
