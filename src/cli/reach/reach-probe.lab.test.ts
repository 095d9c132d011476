import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../cluster/connect.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { startLab, type Lab } from '../../lab/lab.ts';
import { at, records } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { runCommand } from '../../testing/test-io.ts';

const ROOT = join(import.meta.dirname, '../../..');
const directory = mkdtempSync(join(tmpdir(), 'reach-probe-'));
const env = { ...process.env, XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: directory };
let lab: Lab;
let client: ClusterClient;

beforeAll(async () => {
  lab = await startLab({ env, nodes: 2, dualStack: true });
  client = connect({ labKubeconfig: lab.kubeconfigPath }, env, ROOT);
});
afterAll(async () => {
  client.close();
  await lab.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function report(...args: readonly string[]) {
  const ran = await runCommand(['reach', 'probe', '--lab', '-o', 'json', ...args], { cwd: ROOT, env });
  expect(ran.stderr).not.toContain('error SW_');
  return JSON.parse(ran.stdout);
}

async function names(apiVersion: string, kind: string): Promise<readonly string[]> {
  const resource = await client.resourceOf(apiVersion, kind);
  const found: string[] = [];
  for await (const page of client.list(resource!))
    if (page.kind === 'ok') found.push(...page.value.map(({ metadata }) => metadata.name));
  return found;
}

/** What a canary may leave: nothing. */
async function traces(): Promise<readonly string[]> {
  const all = [...(await names('v1', 'Namespace')), ...(await names('v1', 'ConfigMap'))];
  return all.filter((name) => name.startsWith('seaworthy-'));
}

const pod = (name: string, labels: Record<string, string>, command: readonly string[]): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'seaworthy.dev/toolbox:1.0.0',
        command,
        ports: [{ containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 8080 } },
      },
    ],
  },
});
function isReady(object: KubernetesObject): boolean {
  return records(at(object, 'status', 'conditions')).some(([, c]) => c['type'] === 'Ready' && c['status'] === 'True');
}

const listen = ['seaworthy-probe', 'listen', '--port', '8080'];

describe('on a lab that enforces policies', () => {
  test('the canary proves it, feature by feature and node by node, and leaves nothing behind', async () => {
    const found = await report('--canary');
    expect(found).toMatchObject({ kind: 'ProbeReport', mode: 'canary', enforces: true, findings: [], residue: [] });
    const verdicts = new Map<string, string[]>();
    for (const { feature, verdict } of found.enforcement)
      verdicts.set(feature, [...(verdicts.get(feature) ?? []), verdict]);
    const atEachNode = [
      'ingress',
      'egress',
      'podSelector',
      'endPort',
      'namedPort',
      'ipBlock',
      'except',
      'udp',
      'loopback',
    ];
    for (const family of ['', 'ipv6/']) {
      for (const feature of atEachNode)
        expect([feature, verdicts.get(`${family}${feature}`)]).toEqual([feature, ['enforced', 'enforced']]);
      expect(verdicts.get(`${family}service`)).toEqual(['enforced']);
    }
    expect(verdicts.get('sctp')).toEqual(['notTestable', 'notTestable']);
    const overIPv6 = found.cells.filter(({ address }: { address: string }) => address.startsWith('['));
    expect(overIPv6.length).toBe(found.cells.length / 2);
    for (const cell of found.cells) expect(cell).toMatchObject({ agree: true, control: 'connected' });
    expect(found.cells.map(({ placement }: { placement: string }) => placement)).toContain('across nodes');
    for (const { milliseconds } of found.startWindow) expect(milliseconds).toBeGreaterThanOrEqual(0);
    // The lab judges a packet before it gets the address of the node that passes it on.
    expect(found.nodePorts.map(({ outcome }: { outcome: unknown }) => outcome)).toEqual(Array(4).fill('closed'));
    expect(found.nodeProbes.map(({ outcome }: { outcome: unknown }) => outcome)).toEqual(['reach', 'reach']);
    // The lab judges every packet by the rules of now.
    expect(found.openConnection.outcome).toBe('cut');
    expect(await traces()).toEqual([]);
  });

  test('a process killed in the middle is cleaned up after', async () => {
    const child = spawn(process.execPath, ['src/cli/main.ts', 'reach', 'probe', '--canary', '--lab'], {
      cwd: ROOT,
      env,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while ((await traces()).length < 2) await delay(100);
    child.kill('SIGKILL');
    await ended;
    expect((await traces()).length).toBeGreaterThan(0);
    const recovered = await runCommand(['experiment', 'recover', '--lab', '-o', 'json'], { cwd: ROOT, env });
    expect(recovered.status).toBe(0);
    expect(await traces()).toEqual([]);
  });
});

/** Pods of which a policy closes one. */
async function deployPods(): Promise<void> {
  for (const name of ['web', 'db', 'door']) await client.create(pod(name, { app: name }, listen));
  const ready = async (): Promise<boolean> => {
    for (const name of ['web', 'db', 'door']) {
      const found = await client.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name });
      if (found.kind !== 'ok' || !isReady(found.value)) return false;
    }
    return true;
  };
  while (!(await ready())) await delay(200);
  await client.create({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'db', namespace: 'default' },
    spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
  });
}

/** Runs a command on every node, in its policy agent. */
async function onEveryNode(command: readonly string[]): Promise<readonly string[]> {
  const agents = (await names('v1', 'Pod')).filter((name) => name.startsWith('policy-agent'));
  return Promise.all(
    agents.map(async (name) => {
      const ran = await client.exec({ namespace: 'kube-system', pod: name }, command);
      if (ran.kind !== 'exited' || ran.code !== 0) throw new Error(JSON.stringify(ran));
      return ran.stdout;
    }),
  );
}

interface Cell {
  readonly address: string;
  readonly agree: boolean | 'unknown';
  readonly to: string;
  readonly predicted: string;
}

describe('on a lab that enforces IPv4 only', () => {
  beforeAll(async () => {
    await deployPods();
    while (!(await onEveryNode(['nft', 'list', 'table', 'inet', 'seaworthy_policy'])).join('').includes('drop'))
      await delay(100);
    await onEveryNode([
      'nft',
      'insert',
      'rule',
      'inet',
      'seaworthy_policy',
      'forward',
      'meta',
      'nfproto',
      'ipv6',
      'accept',
    ]);
  });

  test('probes of the pods find the hole, and only there', async () => {
    /** What became of the closed ways over each family: agree, differ, or on a busy machine unknown. */
    const closedWays = async (): Promise<readonly string[]> => {
      const { cells, findings } = (await report()) as { readonly cells: readonly Cell[]; readonly findings: unknown };
      const closed = cells.filter(({ to, predicted }) => to === 'default/db[Pod]' && predicted === 'denied');
      if (closed.some(({ agree }) => agree === false))
        expect(findings).toContainEqual(expect.objectContaining({ severity: 'critical' }));
      const shown = closed.map(({ address, agree }) => `${address.startsWith('[') ? 'IPv6' : 'IPv4'} ${agree}`);
      return [...new Set(shown)].sort();
    };
    await expect.poll(closedWays, { timeout: 60_000, interval: 100 }).toEqual(['IPv4 true', 'IPv6 false']);
  });
});

describe('on a lab that has stopped enforcing', () => {
  beforeAll(async () => {
    await client.delete({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-system', name: 'policy-agent' });
    while ((await names('v1', 'Pod')).some((name) => name.startsWith('policy-agent'))) await delay(200);
  });

  test('the canary says so', async () => {
    const found = await report('--canary', '--only', 'ingress');
    expect(found.enforces).toBe(false);
    expect(found.findings[0]).toMatchObject({ severity: 'critical' });
    expect(found.cells.every(({ agree }: { agree: unknown }) => agree === false)).toBe(true);
    expect(found.startWindow[0].milliseconds).toBe('unknown');
    expect(await traces()).toEqual([]);
  });

  test('probes of the pods themselves find the connection that should not be', async () => {
    const found = await report();
    const wrong = found.cells.filter(({ agree }: { agree: unknown }) => agree === false);
    expect(wrong.length).toBeGreaterThan(0);
    for (const cell of wrong)
      expect(cell).toMatchObject({ to: 'default/db[Pod]', port: 8080, predicted: 'denied', outcome: 'connected' });
    expect(found.findings[0]).toMatchObject({ severity: 'critical' });
    const ran = await runCommand(['reach', 'probe', '--lab', '--fail-on', 'disagreement'], { cwd: ROOT, env });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain('! DIFFERS');
  });
});
