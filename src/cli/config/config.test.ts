import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, type Ran } from '../../testing/test-io.ts';

let home: string;
let work: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'config-'));
  work = join(home, 'team', 'shop');
  file('team/shop/pods.yaml', POD);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  hostNetwork: true
  containers: [{ name: web, image: registry.example/web:1 }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: broken, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/99 } }] }] }
`;

function file(path: string, content: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), content);
}

const seaworthy = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  runCommand(args, { cwd: work, env: { HOME: home, ...env } });

const suppression = (fields: Readonly<Record<string, string>>): string =>
  `  - { ${Object.entries({
    check: 'host-network',
    objects: '[shop/web]',
    reason: 'measures the node',
    expiry: '2026-06-30',
    ...fields,
  })
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} }\n`;

interface Row {
  readonly check: string;
  readonly message: string;
  readonly accepted?: { readonly reason: string; readonly until: string };
}

async function hostNetwork(...args: readonly string[]): Promise<Row | undefined> {
  const { stdout, stderr } = await seaworthy([
    'check',
    '-f',
    'pods.yaml',
    '--only',
    'host-network',
    '-o',
    'json',
    ...args,
  ]);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { results: Row[] }).results.find(({ check }) => check === 'host-network');
}

describe('a suppression', () => {
  test('keeps the failure, marked as accepted, and no threshold counts it', async () => {
    expect((await seaworthy(['check', '-f', 'pods.yaml', '--only', 'host-network', '--fail-on', 'low'])).status).toBe(
      1,
    );
    file('team/.seaworthy.yaml', `suppressions:\n${suppression({})}`);
    expect(await hostNetwork()).toMatchObject({ accepted: { reason: 'measures the node', until: '2026-06-30' } });
    expect((await seaworthy(['check', '-f', 'pods.yaml', '--only', 'host-network', '--fail-on', 'low'])).status).toBe(
      0,
    );
  });

  test.each(['web', 'shop/web', 'Pod/shop/web', 'Pod/*/w*', '*'])('means objects by name: %s', async (objects) => {
    file('team/.seaworthy.yaml', `suppressions:\n${suppression({ objects: `['${objects}']` })}`);
    expect(await hostNetwork()).toHaveProperty('accepted');
  });

  test.each(['we', 'other/web', 'Deployment/shop/web', 'shop/*x', 'w.b'])(
    'of something else is not meant: %s',
    async (objects) => {
      file('team/.seaworthy.yaml', `suppressions:\n${suppression({ objects: `['${objects}']` })}`);
      expect(await hostNetwork()).not.toHaveProperty('accepted');
    },
  );

  test('that has expired accepts nothing and is itself reported', async () => {
    file('team/.seaworthy.yaml', `suppressions:\n${suppression({ expiry: '2025-12-31' })}`);
    expect(await hostNetwork()).not.toHaveProperty('accepted');
    const { stdout } = await seaworthy(['check', '-f', 'pods.yaml']);
    expect(stdout).toContain('it ended on 2025-12-31');
  });

  test('counts on its last day', async () => {
    file('team/.seaworthy.yaml', `suppressions:\n${suppression({ expiry: '2026-01-01' })}`);
    expect(await hostNetwork()).toHaveProperty('accepted');
  });

  test('that nothing needs is reported, unless its check did not run', async () => {
    file('team/.seaworthy.yaml', `suppressions:\n${suppression({ objects: '[shop/gone]' })}`);
    const run = async (...args: string[]) =>
      JSON.parse((await seaworthy(['check', '-f', 'pods.yaml', '-o', 'json', ...args])).stdout) as {
        suppressions: { status: string; check: string }[];
      };
    expect((await run()).suppressions).toMatchObject([{ check: 'host-network', status: 'unused' }]);
    expect((await run('--only', 'host-pid')).suppressions).toEqual([]);
  });

  test('accepts findings of every origin in verify', async () => {
    const broken = async (): Promise<readonly Row[]> => {
      const { stdout } = await seaworthy(['verify', '-f', 'pods.yaml', '-o', 'json']);
      const { findings } = JSON.parse(stdout) as { findings: (Row & { origin: string })[] };
      return findings.filter(({ origin }) => origin === 'network' || origin === 'suppression');
    };
    const [open] = await broken();
    expect(open).toMatchObject({ check: expect.stringMatching(/^SW_/) as string });
    file(
      'team/.seaworthy.yaml',
      `suppressions:\n${suppression({ check: open?.check ?? '', objects: '[NetworkPolicy/shop/broken]' })}${suppression({ objects: '[nobody]' })}`,
    );
    const after = await broken();
    expect(after.filter(({ check }) => check === open?.check)).toMatchObject([{ accepted: { until: '2026-06-30' } }]);
    expect(after.map(({ check }) => check)).toContain('suppression-unused');
  });
});

describe('which file', () => {
  test('the nearest upwards, and no other', async () => {
    file('.seaworthy.yaml', `suppressions:\n${suppression({})}`);
    expect(await hostNetwork()).toHaveProperty('accepted');
    file('team/.seaworthy.yaml', '# nothing is accepted here\n');
    expect(await hostNetwork()).not.toHaveProperty('accepted');
  });

  test("the person's own where no directory has one", async () => {
    file('.config/seaworthy/config.yaml', `suppressions:\n${suppression({})}`);
    expect(await hostNetwork()).toHaveProperty('accepted');
    file('xdg/seaworthy/config.yaml', 'output: name\n');
    const { stdout } = await seaworthy(['check', '-f', 'pods.yaml'], { XDG_CONFIG_HOME: join(home, 'xdg') });
    expect(stdout).toMatch(/^fail host-network/m);
  });
});

describe('flags nobody wrote', () => {
  const namesOnly = /^fail /m;

  test('come from the file, the environment before it, the command line before both', async () => {
    file('team/.seaworthy.yaml', 'output: name\n');
    expect((await seaworthy(['check', '-f', 'pods.yaml'])).stdout).toMatch(namesOnly);
    expect((await seaworthy(['check', '-f', 'pods.yaml'], { SEAWORTHY_OUTPUT: 'csv' })).stdout).not.toMatch(namesOnly);
    const { stdout } = await seaworthy(['check', '-f', 'pods.yaml', '-o', 'json'], { SEAWORTHY_OUTPUT: 'csv' });
    expect(JSON.parse(stdout)).toHaveProperty('kind', 'CheckReport');
  });

  test('thresholds', async () => {
    file('team/.seaworthy.yaml', 'failOn: [high]\n');
    expect((await seaworthy(['verify', '-f', 'pods.yaml'])).status).toBe(1);
    expect((await seaworthy(['verify', '-f', 'pods.yaml'], { SEAWORTHY_FAIL_ON: 'new' })).status).toBe(0);
  });

  test('a command takes of them what it knows', async () => {
    file('team/.seaworthy.yaml', 'failOn: [violated, high, medium]\noutput: html\n');
    expect((await seaworthy(['check', '-f', 'pods.yaml', '--only', 'host-network'])).status).toBe(1);
    const { stdout } = await seaworthy(['can', '-f', 'pods.yaml', '--as', 'jane', 'get', 'pods']);
    expect(stdout).toMatch(/^no/);
    expect((await seaworthy(['snapshot', 'save', '-f', 'pods.yaml'])).stdout).toContain('"kind":"Snapshot"');
  });

  test.each([
    ['SEAWORTHY_FAIL_ON', 'everything', 'should be some of violated, '],
    ['SEAWORTHY_REQUEST_TIMEOUT', 'soon', 'Write it as 30s'],
    ['SEAWORTHY_STRICT', 'perhaps', 'boolean'],
  ])('%s=%s is refused', async (name, value, says) => {
    const { status, stderr } = await seaworthy(['verify', '-f', 'pods.yaml'], { [name]: value });
    expect(status).toBe(2);
    expect(stderr).toContain(`error SW_CONFIG_INVALID: ${name} sets `);
    expect(stderr).toContain(says);
  });

  test('claims lie beside the file that names them, wherever one stands', async () => {
    file('team/.seaworthy.yaml', 'claims: claims.yaml\n');
    file(
      'team/claims.yaml',
      `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: no-host-network, namespace: shop }
spec: { posture: { checks: [host-network], objects: { namespaces: [shop] }, expect: pass } }
`,
    );
    expect((await seaworthy(['verify', '-f', 'pods.yaml'])).stdout).toContain('no-host-network');
  });

  test('switches', async () => {
    file('team/shop/broken.yaml', 'kind: [');
    file('team/.seaworthy.yaml', 'strict: true\n');
    expect((await seaworthy(['check', '-f', '.'])).status).toBe(2);
    expect((await seaworthy(['check', '-f', '.'], { SEAWORTHY_STRICT: 'false' })).status).toBe(0);
  });
});

describe('a file that can not be used', () => {
  test.each([
    ['a misspelt field', 'failsOn: [high]\n', 'unknown field failsOn', 'Did you mean failOn?', ':1:1'],
    [
      'no reason',
      'suppressions:\n  - { check: a, objects: [b], expiry: 2026-06-30 }\n',
      'reason: is missing',
      '',
      ':2:5',
    ],
    ['no day', `suppressions:\n${suppression({ expiry: 'soon' })}`, 'expiry', '', ':2:'],
    ['no object', `suppressions:\n${suppression({ objects: '[]' })}`, 'objects', '', ':2:'],
    ['no YAML', 'failOn: [high\n', 'no YAML', '', ':'],
    [
      'a cluster chosen by a directory',
      'kubeconfig: evil.yaml\n',
      'a file of a directory may not',
      '~/.config',
      ':1:1',
    ],
    ['a format that does not exist', 'output: brief\n', 'output: should be table', '', ':1:9'],
  ])('%s', async (_, content, message, hint, place) => {
    file('team/.seaworthy.yaml', content);
    const { status, stdout, stderr } = await seaworthy(['check', '-f', 'pods.yaml']);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error SW_CONFIG_INVALID: /);
    for (const part of [message, hint, `.seaworthy.yaml${place}`]) expect(stderr).toContain(part);
  });

  test("the person's own may choose the cluster", async () => {
    file('.config/seaworthy/config.yaml', 'kubeconfig: prod.kubeconfig\n');
    const { stderr, status } = await seaworthy(['check']);
    expect(status).toBe(4);
    expect(stderr).toContain(join(home, '.config', 'seaworthy', 'prod.kubeconfig'));
  });
});
