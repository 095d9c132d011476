import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSmallApiServer, status, type SmallApiServer } from '../src/cluster/testing/small-api-server.ts';
import { runCommand, type Ran } from '../src/testing/test-io.ts';

/** What a person sees who gives the program something it can't use: a code, a sentence, a hint and a place; and the rest is read. */
let home: string;
let server: SmallApiServer;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'bad-input-'));
  server = await startSmallApiServer();
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(home, name), content);
  mkdirSync(join(home, 'empty'));
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await server.close();
});

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec: { hostNetwork: true, containers: [{ name: c, image: i }] }
`;
const policy = (name: string, spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: shop }\nspec: ${spec}\n`;
const bomb = `kind: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
  .split('')
  .map(
    (letter, index) =>
      `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[index]}`).join(', ')}]`,
  )
  .join('\n')}\n`;

const FILES: Readonly<Record<string, string>> = {
  'pod.yaml': POD,
  'not-yaml.yaml': `${POD}---\napiVersion: v1\nkind: Service\nmetadata: { name: [\n`,
  'not-kubernetes.yaml': `${POD}---\nhello: world\n`,
  'bomb.yaml': `${POD}---\n${bomb}`,
  'twice.yaml': `${POD}---\n${POD}`,
  'selector.yaml': `${POD}---\n${policy('bad', '{ podSelector: { matchLabels: { "a b": c } } }')}`,
  'cidr.yaml': `${POD}---\n${policy('bad', '{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/99 } }] }] }')}`,
  'ports.yaml': `${POD}---\n${policy('bad', '{ podSelector: {}, ingress: [{ ports: [{ port: 90, endPort: 80 }] }] }')}`,
  'broken.kubeconfig': 'clusters: [',
};

const seaworthy = (...args: readonly string[]): Promise<Ran> => runCommand(args, { cwd: home });

function kubeconfig(address: string): string {
  const file = join(home, 'kubeconfig');
  const cluster = { name: 'c', cluster: { server: address } };
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
  const user = { name: 'u', user: {} };
  writeFileSync(
    file,
    JSON.stringify({ 'current-context': 'c', clusters: [cluster], contexts: [context], users: [user] }),
  );
  return file;
}

describe('a cluster that can not be had', () => {
  test.each([
    ['no kubeconfig', ['verify'], 'SW_KUBECONFIG_NOT_FOUND', '--kubeconfig'],
    ['one that is not there', ['verify', '--kubeconfig', 'gone'], 'SW_KUBECONFIG_NOT_FOUND', '-f'],
    [
      'one that is broken',
      ['check', '--kubeconfig', 'broken.kubeconfig'],
      'SW_KUBECONFIG_INVALID',
      'kubectl config view',
    ],
  ])('%s', async (_, args, code, hint) => {
    const { status: exit, stdout, stderr } = await seaworthy(...args);
    expect([exit, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      new RegExp(`^error ${code}: .*\\n(  at .*\\n)?  hint: .*${hint}.*\\n  more: seaworthy explain ${code}\\n$`),
    );
  });

  test('nobody answers at its address', async () => {
    const { status: exit, stderr } = await seaworthy('verify', '--kubeconfig', kubeconfig('http://127.0.0.1:1'));
    expect(exit).toBe(4);
    expect(stderr).toMatch(
      /^error SW_API_UNREACHABLE: http:\/\/127\.0\.0\.1:1 \(context c\) .*\n  hint: .*kubectl version/,
    );
  });

  test('something else answers', async () => {
    const web = createServer((_, response) => void response.end('<html>hello</html>'));
    await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
    const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const { status: exit, stderr } = await seaworthy('verify', '--kubeconfig', kubeconfig(address));
    web.closeAllConnections();
    web.close();
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^error SW_API_UNREACHABLE: /);
  });

  test('a context that it does not have', async () => {
    const { status: exit, stderr } = await seaworthy(
      'check',
      '--kubeconfig',
      kubeconfig(server.url),
      '--context',
      'prod',
    );
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^error SW_CONTEXT_NOT_FOUND: the kubeconfig has no context prod\n  hint: It has c: /);
  });

  test('kinds that are forbidden are unknown, never a pass, and the permission is named', async () => {
    server.set({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    server.set({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    server.intercept = ({ path }, response) => {
      const refused = path.includes('/networkpolicies');
      if (refused) status(response, 403, 'Forbidden', 'networkpolicies is forbidden');
      return refused;
    };
    const { status: exit, stdout } = await seaworthy(
      'check',
      '--kubeconfig',
      kubeconfig(server.url),
      '--only',
      'ns-no-netpol',
      '--show-passed',
      '-o',
      'json',
    );
    server.intercept = () => false;
    const report = JSON.parse(stdout) as { results: { verdict: string }[]; coverage: { gaps: object[] } };
    expect(exit).toBe(0);
    expect(report.results.map(({ verdict }) => verdict)).toContain('unknown');
    expect(report.results.map(({ verdict }) => verdict)).not.toContain('pass');
    expect(report.coverage.gaps).toContainEqual(
      expect.objectContaining({
        kind: 'NetworkPolicy.networking.k8s.io',
        reason: 'forbidden',
        remedy: expect.stringContaining('resources: ["networkpolicies"], verbs: ["list"]') as string,
      }),
    );
  });
});

describe('manifests that can not be used: a finding with its place, and the rest is read', () => {
  test.each([
    ['not-yaml.yaml', 'SW_NOT_YAML', 9],
    ['not-kubernetes.yaml', 'SW_NOT_AN_OBJECT', 6],
    ['bomb.yaml', 'SW_YAML_ALIAS_BOMB', 6],
    ['twice.yaml', 'SW_DUPLICATE_OBJECT', undefined],
    ['selector.yaml', 'SW_POLICY_SELECTOR_INVALID', 9],
    ['cidr.yaml', 'SW_POLICY_CIDR_INVALID', 9],
    ['ports.yaml', 'SW_POLICY_PORT_INVALID', 9],
  ])('%s', async (file, code, line) => {
    const { status: exit, stdout } = await seaworthy('verify', '-f', file, '-o', 'json');
    expect(exit).toBe(0);
    const { findings } = JSON.parse(stdout) as {
      findings: { check: string; file?: string; line?: number; message: string }[];
    };
    const found = findings.find(({ check }) => check === code);
    expect(found).toMatchObject({ file, message: expect.stringMatching(/\w/) as string });
    if (line !== undefined) expect(found?.line).toBeGreaterThanOrEqual(line);
    expect(findings.map(({ check }) => check)).toContain('host-network');
    const explained = await seaworthy('explain', code);
    expect(explained.stdout).toContain(code);
  });

  test.each(['not-yaml.yaml', 'not-kubernetes.yaml', 'bomb.yaml', 'twice.yaml'])(
    '--strict refuses %s',
    async (file) => {
      const { status: exit, stdout, stderr } = await seaworthy('verify', '-f', file, '--strict');
      expect([exit, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(new RegExp(`^error SW_[A-Z_]+: .*\\n  at ${file}:\\d+(:\\d+)?\\n  hint: `));
    },
  );

  test.each([
    ['gone.yaml', 'SW_FILE_NOT_FOUND'],
    ['empty', 'SW_NOTHING_TO_READ'],
    ['https://example.com/x.yaml', 'SW_URL_REFUSED'],
  ])('-f %s is %s', async (path, code) => {
    const { status: exit, stderr } = await seaworthy('verify', '-f', path);
    expect(exit).toBe(2);
    expect(stderr).toMatch(new RegExp(`^error ${code}: .*\\n(  at .*\\n)?  hint: `));
  });
});

describe('a command line that means nothing', () => {
  test.each([
    [['veryfy'], "unknown command 'veryfy'", 'Did you mean verify?'],
    [['verify', '--levl', 'proven'], "unknown option '--levl'", 'Did you mean --level?'],
    [['verify', '--level', 'strongest'], "'strongest' is invalid", 'analysed, observed, proven'],
    [['verify', '-f'], "'-f, --filename <path>' argument missing", ''],
    [['verify', '-o', 'pdf'], "'pdf' is invalid", 'sarif'],
    [['verify', '--fail-on', 'everything'], "'everything' is invalid", 'violated'],
    [['verify', 'shop'], 'too many arguments', ''],
    [['verify', '-f', 'pod.yaml', '--request-timeout', 'soon'], "'soon' is invalid", '30s'],
    [['verify', '-f', 'pod.yaml', '--chunk-size', '-3'], "'-3' is invalid", 'whole number'],
    [['verify', '-f', 'pod.yaml', '--kubernetes-version', 'new'], "'new' is invalid", '1.36'],
    [['verify', '-f', 'pod.yaml', '--snapshot', 's'], 'SW_TWO_SOURCES', 'one source'],
    [['verify', '-f', 'pod.yaml', '--level', 'observed'], 'SW_LEVEL_NEEDS_CLUSTER', '--lab'],
    [['verify', '-f', 'pod.yaml', '-l', 'a in ('], 'SW_SELECTOR_INVALID', 'app=web'],
    [['verify', '-f', 'pod.yaml', '--against', 'nowhere'], 'SW_AGAINST_NOT_FOUND', 'git revision'],
    [['check', '-f', 'pod.yaml', '--only', 'host-netwrok'], 'SW_UNKNOWN_CHECK', 'host-network'],
    [['snapshot', 'diff', 'pod.yaml', 'gone'], 'SW_AGAINST_NOT_FOUND', ''],
    [['verify', '--as-group', 'dev'], 'SW_USAGE', 'together with a user'],
  ])('%j', async (args, says, hint) => {
    const { status: exit, stdout, stderr } = await seaworthy(...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(stderr).toContain(hint);
  });
});
