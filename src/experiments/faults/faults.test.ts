import { describe, expect, test } from 'vitest';
import { HURRIED, withLabServer } from '../../cluster/testing/with-lab-server.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { systemClock } from '../system.ts';
import { everything, faultContext, settle } from '../testing/world.ts';
import { listeningPorts } from './mechanisms/blocked.ts';
import type { Fault, FaultContext, Injection } from './define-fault.ts';
import { endingOf, MARK } from './define-fault.ts';
import { externalCommand } from './external-command.ts';
import { faultOf } from './index.ts';
import { must } from '../objects.ts';

/** The four verbs of each fault on a real API server that no controller disturbs. */
const lab = withLabServer({ fresh: 'each test', connect: HURRIED });

const group = (app: string): object => ({ namespace: 'shop', pods: { matchLabels: { app } } });
const target = (app: string): object => ({ target: group(app) });
const agent = { agent: { namespace: 'shop', daemonSet: 'agent' } };

function fault(id: string): Fault {
  const found = faultOf(id);
  if (!found) throw new Error(`there is no fault ${id}`);
  return found;
}

async function preflight(id: string, parameters: object, at = faultContext(lab.client, 'run')) {
  return fault(id).preflight(fault(id).parameters.parse(parameters), at);
}

async function ready(id: string, parameters: object, at?: FaultContext): Promise<readonly Injection[]> {
  const found = await preflight(id, parameters, at);
  if (found.kind !== 'ready') throw new Error(found.because);
  return found.injections;
}

async function apply(injections: readonly Injection[], at = faultContext(lab.client, 'run')): Promise<void> {
  for (const injection of injections)
    expect(await fault(injection.fault).apply(injection, at)).toEqual({ kind: 'applied' });
}

async function undo(injections: readonly Injection[], at = faultContext(lab.client, 'run')): Promise<void> {
  for (const injection of [...injections].reverse()) {
    expect(await fault(injection.fault).undo(injection, at)).toMatchObject({ kind: 'undone' });
    expect(await fault(injection.fault).residue(injection, at)).toEqual([]);
  }
}

const get = async (kind: string, name: string): Promise<KubernetesObject> => {
  const apiVersion =
    { Node: 'v1', Pod: 'v1', DaemonSet: 'apps/v1', NetworkPolicy: 'networking.k8s.io/v1' }[kind] ?? 'v1';
  return must(
    await lab.client.get({ apiVersion, kind, name, ...(kind === 'Node' ? {} : { namespace: 'shop' }) }),
    `get ${name}`,
  );
};

describe.each([
  ['network-partition', { from: group('web'), to: group('db') }, false],
  ['network-partition', { from: group('web'), to: group('db') }, true],
  ['policy-agent-loss', agent, false],
  ['sham', {}, false],
] as const)('%s %j (isolated: %s)', (id, parameters, isolated) => {
  test('applied twice and undone twice is as it was, and says beforehand what it touches', async () => {
    await settle(lab.server, { isolated });
    const before = await everything(lab.client);
    const injections = await ready(id, parameters);
    expect(await everything(lab.client)).toEqual(before);
    for (const injection of injections) {
      expect(injection.says).not.toBe('');
      expect(endingOf(fault(id), injection).says).not.toBe('');
    }
    await apply(injections);
    await apply(injections);
    if (id !== 'sham') expect(await everything(lab.client)).not.toEqual(before);
    await undo(injections);
    await undo(injections);
    expect(await everything(lab.client)).toEqual(before);
  });

  test('undone without having been applied changes nothing', async () => {
    await settle(lab.server, { isolated });
    const before = await everything(lab.client);
    await undo(await ready(id, parameters));
    expect(await everything(lab.client)).toEqual(before);
  });
});

describe('network-partition', () => {
  test('counts both groups as touched, and ends by itself where a Job may be made', async () => {
    await settle(lab.server);
    const injections = await ready('network-partition', { from: group('web'), to: group('db') });
    for (const injection of injections) {
      expect(injection.touches.pods).toHaveLength(4);
      expect(endingOf(fault('network-partition'), injection).by).toBe('itself');
    }
  });

  test('the policy is owned by a Job that the cluster ends after the time to live', async () => {
    await settle(lab.server);
    const injections = await ready('network-partition', { from: group('web'), to: group('db') });
    await apply(injections, faultContext(lab.client, 'run', { ttlMs: 7_500 }));
    const [first] = injections;
    const policy = await get('NetworkPolicy', first?.target.name ?? '');
    const [owner] = policy.metadata.ownerReferences ?? [];
    const job = must(
      await lab.client.get({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: owner?.name ?? '' }),
      'get the Job',
    );
    expect(owner?.uid).toBe(job.metadata.uid);
    expect(job['spec']).toMatchObject({ parallelism: 0, activeDeadlineSeconds: 8, ttlSecondsAfterFinished: 0 });
    await undo(injections);
  });

  test('a narrowed policy that somebody changed meanwhile keeps their version', async () => {
    await settle(lab.server, { isolated: true });
    const injections = await ready('network-partition', { from: group('web'), to: group('db') });
    expect(endingOf(fault('network-partition'), injections[0] as Injection).by).toBe('guard');
    await apply(injections);
    const { name } = (injections[0] as Injection).target;
    const ref = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'shop', name };
    await lab.client.patch(ref, 'merge', { spec: { podSelector: { matchLabels: { app: 'theirs' } } } });
    await undo(injections);
    const policy = await get('NetworkPolicy', name);
    expect(policy['spec']).toMatchObject({ podSelector: { matchLabels: { app: 'theirs' } } });
    expect(policy.metadata.annotations?.[MARK]).toBeUndefined();
  });

  test('is refused where there is nobody to cut off', async () => {
    await settle(lab.server);
    expect(await preflight('network-partition', { from: group('web'), to: group('nobody') })).toMatchObject({
      kind: 'refused',
      because: 'no live pod of shop is app=nobody',
    });
  });
});

describe('pod-kill', () => {
  test('kills the very pod that was chosen, and no other that has taken its name', async () => {
    await settle(lab.server);
    const [injection] = await ready('pod-kill', { ...target('web'), mode: 'one' });
    if (!injection) throw new Error('one was chosen');
    const other = { ...injection, target: { ...injection.target, uid: '00000000-0000-0000-0000-000000000000' } };
    const at = faultContext(lab.client, 'run');
    await apply([other]);
    expect(await fault('pod-kill').bit(injection, at)).toMatchObject({ bit: false });
    await apply([injection]);
    expect(await fault('pod-kill').bit(injection, at)).toMatchObject({ bit: true });
    await undo([injection]);
  });

  test.each([
    ['one', 1],
    ['all', 2],
    [{ count: 5 }, 2],
    [{ percent: 50 }, 1],
    [{ percent: 51 }, 2],
  ])('mode %j hits %i of two', async (mode, hit) => {
    await settle(lab.server);
    expect(await ready('pod-kill', { ...target('web'), mode })).toHaveLength(hit);
  });

  test('a pod that nothing would bring back is refused', async () => {
    await settle(lab.server);
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    await lab.client.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', namespace: 'shop', labels: { app: 'bare' } },
      spec,
    });
    expect(await preflight('pod-kill', target('bare'))).toMatchObject({
      kind: 'refused',
      because: 'pod shop/bare has no controller: nothing would bring it back',
    });
  });
});

describe('node-loss', () => {
  test('cordons, kills what a controller brings back, and takes only its own cordon off', async () => {
    await settle(lab.server);
    const injections = await ready('node-loss', { node: 'one', namespaces: ['shop'] });
    expect(injections[0]?.touches).toEqual({ namespaces: ['shop'], nodes: ['one'], pods: ['shop/db-0', 'shop/web-0'] });
    await apply(injections);
    expect((await get('Node', 'one'))['spec']).toMatchObject({ unschedulable: true });
    expect(await fault('node-loss').bit(injections[0] as Injection, faultContext(lab.client, 'run'))).toMatchObject({
      bit: true,
    });
    expect(await preflight('node-loss', { node: 'one' })).toMatchObject({ kind: 'refused' });
    await undo(injections);
    expect((await get('Node', 'one'))['spec']).not.toHaveProperty('unschedulable');
  });

  test('a node that was cordoned before stays so', async () => {
    await settle(lab.server);
    await lab.client.patch({ apiVersion: 'v1', kind: 'Node', name: 'one' }, 'merge', { spec: { unschedulable: true } });
    const injections = await ready('node-loss', { node: 'one', namespaces: ['shop'] });
    await apply(injections);
    await undo(injections);
    expect((await get('Node', 'one'))['spec']).toMatchObject({ unschedulable: true });
  });
});

test('node-power: a node that is none of the lab has no switch', async () => {
  await settle(lab.server);
  const refused = await preflight('node-power', { node: 'one' });
  expect(refused).toMatchObject({ kind: 'refused' });
  expect(JSON.stringify(refused)).toContain('no power switch');
});

test('node-partition: names the addresses of the other nodes, and asks by a dry run whether its pod may run', async () => {
  await settle(lab.server);
  await lab.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tools' } });
  await lab.client.create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'tools' },
  });
  const two = { apiVersion: 'v1', kind: 'Node', name: 'two' };
  await lab.client.patch(two, 'merge', { spec: { podCIDRs: ['10.0.2.0/24', 'fd00:2::/64'] } });
  const before = await everything(lab.client);
  const [injection] = await ready('node-partition', { node: 'one', namespace: 'tools' });
  expect(injection?.says).toBe('cut node one and its pods off from 192.0.2.2, 10.0.2.0/24, fd00:2::/64');
  expect(await everything(lab.client)).toEqual(before);
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
  await lab.client.patch({ apiVersion: 'v1', kind: 'Namespace', name: 'tools' }, 'merge', { metadata: { labels } });
  const refused = await preflight('node-partition', { node: 'one', namespace: 'tools' });
  expect(JSON.stringify(refused)).toContain('violates PodSecurity');
});

describe('processes that eat', () => {
  const patient = (): FaultContext => faultContext(lab.client, 'run', { clock: systemClock });

  test('are found by their mark, bite, and are gone after undo', { timeout: 120_000 }, async () => {
    await settle(lab.server);
    const injections = await ready('cpu-starvation', { ...target('web'), threads: 1, lasts: '60s' }, patient());
    const [injection] = injections;
    if (!injection) throw new Error('one was chosen');
    await apply(injections, patient());
    try {
      expect(await fault('cpu-starvation').bit(injection, patient())).toMatchObject({ bit: true });
    } finally {
      await undo(injections, patient());
    }
    expect(await fault('cpu-starvation').bit(injection, patient())).toMatchObject({ bit: false });
  });

  test('end by themselves', { timeout: 120_000 }, async () => {
    await settle(lab.server);
    const injections = await ready('cpu-starvation', { ...target('web'), threads: 1, lasts: '1s' }, patient());
    await apply(injections, patient());
    const [injection] = injections;
    if (!injection) throw new Error('one was chosen');
    await expect.poll(() => fault('cpu-starvation').residue(injection, patient()), { timeout: 60_000 }).toEqual([]);
  });

  test('memory is only taken from containers with a limit', async () => {
    await settle(lab.server);
    expect(JSON.stringify(await preflight('memory-starvation', target('web')))).toContain('has no memory limit');
  });
});

describe('external-command', () => {
  const parameters = { describe: 'a test', apply: ['touch', 'x'], undo: ['rm', 'x'] };
  test('is refused where commands are not run, and its undo is never run from what a cluster says', async () => {
    expect(await preflight('external-command', parameters)).toMatchObject({ kind: 'refused' });
    const command = async () => ({ code: 0, output: '' });
    const [injection] = await ready('external-command', parameters, faultContext(lab.client, 'run', { command }));
    expect(await externalCommand.undo(injection as Injection, faultContext(lab.client, 'run'))).toMatchObject({
      kind: 'failed',
    });
  });
});

test('listening sockets are read from the kernel tables: not those on loopback, not those that are connected', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000',
    '   1: 0100007F:0035 00000000:0000 0A 00000000:00000000',
    '   2: 0A01F40A:C350 0B01F40A:1F90 01 00000000:00000000',
    '   3: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000',
    '   4: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000',
  ].join('\n');
  expect(listeningPorts(table)).toEqual([443, 8080]);
});
