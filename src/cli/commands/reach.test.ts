import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { formatPorts, NO_PORTS, parsePorts, unionPorts, type PortSet } from '../../analysis/network/ports/ports.ts';
import type { Io } from '../io.ts';
import { registerReach } from './reach.ts';

const CASES = join(import.meta.dirname, '..', '..', 'analysis', 'network', 'cases');
const TWO_TIER = join(CASES, 'two-tier.yaml');

interface Printed {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

async function reach(...args: readonly string[]): Promise<Printed> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [text(stdout), text(stderr)];
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    cwd: CASES,
    now: () => new Date(0),
    signal: new AbortController().signal,
    exitCode: 0,
  };
  const program = new Command().exitOverride();
  registerReach(program, io);
  try {
    await program.parseAsync(['reach', ...args], { from: 'user' });
  } finally {
    stdout.end();
    stderr.end();
  }
  return { out: await out, err: await err, exitCode: io.exitCode };
}

const json = async (...args: readonly string[]) => JSON.parse((await reach(...args, '-o', 'json')).out);

test('lists connections as workloads, ranges and ports', async () => {
  const report = await json('-f', TWO_TIER);
  expect(report).toMatchObject({ apiVersion: 'seaworthy.dev/v1alpha1', kind: 'ReachReport' });
  expect(report.connections).toContainEqual({ from: 'shop/web[Pod]', to: 'shop/db[Pod]', ports: 'TCP 5432' });
  expect(report.connections).toContainEqual({
    from: '0.0.0.0-255.255.255.255',
    to: 'shop/web[Pod]',
    ports: 'All Connections',
  });
});

test('a list ends with who is let in from outside, and what to ask next; a question does not', async () => {
  const shop = join(CASES, '..', '..', '..', '..', 'examples', 'shop', 'manifests');
  const { err } = await reach('-f', shop);
  expect(err).toContain(
    '2 workloads let in from outside: admin/console[Deployment] (LoadBalancer, Service admin/console), shop/',
  );
  expect(err).toMatch(/^Next: \S* ?reach lint -f /m);
  expect((await reach('shop/cart', 'shop/cart-store:6379', '-f', shop)).err).not.toContain('Next');
  expect((await reach('-f', shop, '-o', 'csv')).err).not.toContain('Next');
});

test('a profile settles what is implementation-defined', async () => {
  const verdict = async (...more: readonly string[]) =>
    (await json('shop/agent', 'shop/db:5432', '-f', TWO_TIER, ...more)).verdict;
  expect(await verdict()).toBe('implementationDefined');
  expect(await verdict('--profile', 'calico')).toBe('denied');
  expect(await verdict('--profile', 'netpol-analyzer')).toBe('allowed');
});

test('without the policies nothing is known', async () => {
  const report = await json('shop/web', 'shop/db:5432', '-f', TWO_TIER, '--unreadable', 'NetworkPolicy');
  expect(report.verdict).toBe('unknown');
  const list = await json('-f', TWO_TIER, '--unreadable', 'NetworkPolicy');
  expect(list.connections).toEqual([]);
});

test('a peer that was not read is a mistake, with a code', async () => {
  await expect(reach('shop/nope', 'shop/db', '-f', TWO_TIER)).rejects.toMatchObject({
    code: 'SW_REACH_PEER_NOT_FOUND',
    exit: 2,
  });
});

test('diff names the change and trips on what is opened', async () => {
  const diff = await json('diff', '-f', TWO_TIER, '--against', join(CASES, 'invalid.yaml'));
  expect(diff.kind).toBe('ReachDiff');
  expect(diff.changes).toContainEqual(
    expect.objectContaining({
      change: 'added',
      from: 'shop/web[Pod]',
      to: 'shop/db[Pod]',
      before: null,
      after: 'TCP 5432',
    }),
  );
  expect(
    (await reach('diff', '-f', TWO_TIER, '--against', join(CASES, 'invalid.yaml'), '--fail-on', 'opened')).exitCode,
  ).toBe(1);
  expect((await reach('diff', '-f', TWO_TIER, '--against', TWO_TIER, '--fail-on', 'opened')).exitCode).toBe(0);
});

const SHOP = join(import.meta.dirname, '../../../examples/shop/manifests');

test('one source, however it is named: workload, namespace, internet', async () => {
  const from = async (...source: readonly string[]): Promise<ReadonlySet<string>> => {
    const report = await json(...source, '-f', SHOP);
    return new Set(report.connections.map((one: { readonly from: string }) => one.from));
  };
  expect(await from('shop/gateway')).toEqual(new Set(['shop/gateway[Deployment]']));
  expect([...(await from('payments/'))].every((name) => name.startsWith('payments/'))).toBe(true);
  expect([...(await from('internet'))].length).toBeGreaterThan(0);
  expect([...(await from('internet'))].some((name) => name.includes('['))).toBe(false);
});

test('peers that are reached alike are put together; a pair has the ports of all its groups', async () => {
  const { groups, sets } = await json('-f', SHOP, '--compressed');
  expect(sets).toEqual([]);
  const { connections } = await json('-f', SHOP);
  const ports = new Map<string, PortSet>();
  for (const { from, to, ports: open } of groups)
    for (const source of from)
      for (const end of to)
        if (source !== end) {
          const pair = `${source} ${end}`;
          ports.set(pair, unionPorts(ports.get(pair) ?? NO_PORTS, parsePorts(open) ?? NO_PORTS));
        }
  const unfolded = [...ports].map(([pair, open]) => `${pair} ${formatPorts(open)}`);
  const all = connections.map(({ from, to, ports: open }: Record<string, string>) => `${from} ${to} ${open}`);
  expect(unfolded.sort()).toEqual(all.sort());
  expect(groups.length).toBeLessThan(connections.length);
});

test('more connections than anybody reads are listed as products, unless each is asked for', async () => {
  const pods = Array.from({ length: 1_002 }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace: 'many' },
    spec: { containers: [{ name: 'main' }] },
  }));
  const directory = mkdtempSync(join(tmpdir(), 'reach-many-'));
  const file = join(directory, 'pods.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }));
  try {
    const report = await json('-f', file);
    expect(report.connections).toBeUndefined();
    const [set] = report.sets;
    expect(set.members).toHaveLength(1_002);
    const sides = report.groups.map(({ from, to }: Record<string, readonly string[]>) => [from?.join(), to?.join()]);
    expect(sides).toContainEqual([set.name, set.name]);
    const { out, err } = await reach('-f', file);
    expect(out).toMatch(/^\{set 1\} +\{set 1\} +All Connections$/m);
    expect(out).toMatch(/^\{set 1\} is +many\/ +1002 peers$/m);
    expect(err).toContain('--no-compressed');
    const one = await json('many/p7', '-f', file);
    expect(one.connections.length).toBeGreaterThanOrEqual(1_001);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.each([
  ['csv', /^from,to,ports\r?\n/],
  ['markdown', /^\| from \| to \| ports \|\n/],
  ['dot', /^digraph reach \{/],
  ['svg', /^<svg xmlns=/],
  ['html', /^<!doctype html>[^]*id="matrix-data"/],
])('lists are printed as %s', async (format, start) => {
  const { out } = await reach('-f', SHOP, '-o', format);
  expect(out).toMatch(start);
});

test('a picture has a shape beside each colour, and a legend', async () => {
  const { out } = await reach('-f', SHOP, '-o', 'svg');
  for (const words of ['every port', 'some ports', 'rows connect to columns', '>0.0.0.0/0<', '>::/0<'])
    expect(out).toContain(words);
  const opened = await reach('diff', '-f', SHOP, '--against', TWO_TIER, '-o', 'svg');
  for (const words of ['>opens<', '>closes<']) expect(opened.out).toContain(words);
});

test('what must not be read is not read of either side of a difference', async () => {
  const hidden = await json('diff', '-f', SHOP, '--against', TWO_TIER, '--unreadable', 'NetworkPolicy');
  const gaps = (side: 'before' | 'after') => hidden.undecided[side].map(({ kind }: { kind: string }) => kind);
  expect(gaps('before')).toContain('gap');
  expect(gaps('after')).toContain('gap');
});

test('a page is of everything: one source is chosen on it', async () => {
  await expect(reach('shop/web', '-f', SHOP, '-o', 'html')).rejects.toMatchObject({ code: 'SW_USAGE' });
});

test.each([
  [['shop'], 'SW_REACH_PEER_INVALID'],
  [['shop/gateway', 'shop/cart:99999'], 'SW_REACH_PEER_INVALID'],
  [['shop/gateway', 'shop/cart:80/ICMP'], 'SW_REACH_PEER_INVALID'],
  [['svc/shop/cart'], 'SW_REACH_PEER_INVALID'],
  [['shop/gatewy'], 'SW_REACH_PEER_NOT_FOUND'],
  [['--profile', 'flannel'], 'SW_REACH_PROFILE_UNKNOWN'],
  [['depends', 'shop/gatewy'], 'SW_REACH_POLICY_UNKNOWN'],
  [['isolate', 'nowhere'], 'SW_REACH_PEER_NOT_FOUND'],
  [['probe'], 'SW_PROBE_NEEDS_CLUSTER'],
] as const)('%j is a mistake with a code', async (args, code) => {
  await expect(reach(...args, '-f', SHOP)).rejects.toMatchObject({ code, exit: 2 });
});

test('a plan of probes is made of files that have pods', async () => {
  const plan = await json('probe', '--plan', '-f', TWO_TIER);
  expect(plan).toMatchObject({ kind: 'ProbePlan', profile: 'kubernetes' });
});

test('policies are written for what the shop asks for, and hold when they are read back', async () => {
  const made = await json('synthesize', '-f', SHOP);
  expect(made).toMatchObject({ kind: 'PolicySynthesis', check: { unmet: [], withoutDns: [], opens: 0 } });
  const { out } = await reach('synthesize', '-f', SHOP);
  expect(out.split('---\n')).toHaveLength(made.policies.length);
  expect(out).toContain('apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n');
});

test('lint trips on findings that are bad enough', async () => {
  expect((await reach('lint', '-f', SHOP, '--fail-on', 'high')).exitCode).toBe(1);
  expect((await reach('lint', '-f', TWO_TIER, '--fail-on', 'high')).exitCode).toBe(0);
  const report = await json('lint', '-f', SHOP, '--no-verify');
  expect(report.kind).toBe('LintReport');
  expect(
    new Set(report.results.map((one: { readonly fix: { readonly verified: unknown } }) => one.fix.verified)),
  ).toEqual(new Set(['notTried']));
});

test('auto takes the profile the cluster looks like', async () => {
  expect((await json('-f', SHOP, '--profile', 'auto')).profile).toBe('kubernetes');
  expect((await json('-f', SHOP)).profileGuess.enforces).toBe('unknown');
});
