import { beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/object.ts';
import { configMap } from './testing/lab-server.ts';
import { withLabServer } from './testing/with-lab-server.ts';

/** Everything a client can do, against the lab's API server over TLS. */
const lab = withLabServer();

const mapRef = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name });

async function dataOf(name: string): Promise<unknown> {
  const found = await lab.client.get(mapRef(name));
  return found.kind === 'ok' ? found.value['data'] : found.kind;
}

function pod(name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  const metadata = { name, namespace: 'shop', labels };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'i' }] },
  };
}

describe('writes', () => {
  test('apply creates, changes, and takes away what it no longer names', async () => {
    expect(await lab.client.apply(configMap('applied', { a: '1', b: '2' }))).toMatchObject({ kind: 'ok' });
    expect(await lab.client.apply(configMap('applied', { a: '3' }))).toMatchObject({ kind: 'ok' });
    expect(await dataOf('applied')).toEqual({ a: '3' });
  });

  test('create refuses a name that is taken', async () => {
    await lab.client.create(configMap('taken'));
    expect(await lab.client.create(configMap('taken'))).toMatchObject({ kind: 'conflict' });
  });

  test.each([
    ['merge', { data: { a: null, c: '3' } }, { b: '2', c: '3' }],
    ['json', [{ op: 'remove', path: '/data/a' }], { b: '2' }],
    ['strategic', { data: { a: '9' } }, { a: '9', b: '2' }],
  ] as const)('%s patch', async (type, patch, expected) => {
    await lab.client.create(configMap(`patched-${type}`, { a: '1', b: '2' }));
    expect(await lab.client.patch(mapRef(`patched-${type}`), type, patch)).toMatchObject({ kind: 'ok' });
    expect(await dataOf(`patched-${type}`)).toEqual(expected);
  });

  test('a replace with an old version is a conflict', async () => {
    const created = await lab.client.create(configMap('replaced', { a: '1' }));
    if (created.kind !== 'ok') throw new Error(created.because);
    expect(await lab.client.replace({ ...created.value, data: { a: '2' } })).toMatchObject({ kind: 'ok' });
    expect(await lab.client.replace({ ...created.value, data: { a: '3' } })).toMatchObject({ kind: 'conflict' });
    expect(await dataOf('replaced')).toEqual({ a: '2' });
  });

  test('a dry run answers as if and changes nothing', async () => {
    const dryRun = { dryRun: true };
    await lab.client.create(configMap('real', { a: '1' }));
    expect(await lab.client.create(configMap('ghost'), dryRun)).toMatchObject({ kind: 'ok' });
    expect(await lab.client.apply(configMap('real', { a: '2' }), dryRun)).toMatchObject({
      kind: 'ok',
      value: { data: { a: '2' } },
    });
    expect(await lab.client.patch(mapRef('real'), 'merge', { data: { a: '3' } }, dryRun)).toMatchObject({ kind: 'ok' });
    expect(await lab.client.delete(mapRef('real'), dryRun)).toMatchObject({ kind: 'ok' });
    expect([await dataOf('ghost'), await dataOf('real')]).toEqual(['missing', { a: '1' }]);
  });

  test('a delete meant for another object of the name deletes nothing', async () => {
    await lab.client.create(configMap('guarded'));
    expect(await lab.client.delete(mapRef('guarded'), { uid: 'of-another' })).toMatchObject({ kind: 'conflict' });
    expect(await lab.client.delete(mapRef('guarded'))).toMatchObject({ kind: 'ok' });
    expect(await lab.client.delete(mapRef('guarded'))).toMatchObject({ kind: 'missing' });
  });

  test('what the server finds invalid is rejected in its words', async () => {
    const bad = { ...pod('bad'), spec: { containers: [] } };
    expect(await lab.client.create(bad)).toMatchObject({
      kind: 'rejected',
      status: 422,
      because: expect.stringContaining('spec.containers') as string,
    });
  });

  test('an eviction asks the disruption budget', async () => {
    const selector = { matchLabels: { app: 'kept' } };
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'kept', namespace: 'shop' },
    };
    await lab.client.create({ ...budget, spec: { minAvailable: 1, selector } });
    await lab.client.create(pod('kept', { app: 'kept' }));
    await lab.client.create(pod('free'));
    // A pod that runs nowhere is not worth protecting; this one runs.
    const running = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } };
    await lab.client.patch({ ...mapRef('kept'), kind: 'Pod' }, 'merge', running, { subresource: 'status' });
    expect(await lab.client.evict({ namespace: 'shop', pod: 'kept' })).toMatchObject({ kind: 'unavailable' });
    expect(await lab.client.evict({ namespace: 'shop', pod: 'free' }, { gracePeriodSeconds: 0 })).toMatchObject({
      kind: 'ok',
    });
  });
});

describe('inside pods', () => {
  const here = { namespace: 'shop', pod: 'shell' };
  beforeAll(async () => {
    await lab.client.create(pod('shell'));
  });

  test('a command with its output, its errors and its exit code', async () => {
    expect(await lab.client.exec(here, ['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      kind: 'exited',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('standard input reaches it whole and ends', async () => {
    const stdin = 'é'.repeat(100_000);
    expect(await lab.client.exec(here, ['wc', '-c'], { stdin })).toMatchObject({ code: 0, stdout: '200000\n' });
  });

  test('output that is cut anywhere is put together', async () => {
    const ran = await lab.client.exec(here, ['sh', '-c', 'seq 1 20000']);
    expect(ran.kind === 'exited' ? ran.stdout.split('\n').length : ran).toBe(20_001);
  });

  test('a command that does not end is left after the time given', async () => {
    expect(await lab.client.exec(here, ['sleep', '60'], { timeoutMs: 200 })).toMatchObject({ kind: 'timeout' });
  });

  test('an interruption ends the wait', async () => {
    expect(await lab.client.exec(here, ['sleep', '60'], { signal: AbortSignal.timeout(100) })).toEqual({
      kind: 'failed',
      because: 'interrupted',
    });
  });

  test('no such program, no such pod', async () => {
    expect(await lab.client.exec(here, ['no-such-program'])).toMatchObject({
      kind: 'failed',
      because: expect.stringContaining('no-such-program') as string,
    });
    expect(await lab.client.exec({ ...here, pod: 'nobody' }, ['true'])).toMatchObject({
      kind: 'failed',
      because: expect.stringContaining('nobody') as string,
    });
  });

  test('a connection that is lost while it runs', async () => {
    const cutting = setInterval(() => lab.server.proxy.cut(), 50);
    const ran = await lab.client.exec(here, ['sleep', '60']);
    clearInterval(cutting);
    expect(ran).toMatchObject({ kind: 'failed' });
  });

  test('a command that is talked with line by line ends with its input', async () => {
    const session = await lab.client.openExec(here, ['sed', '-u', 's/^/> /']);
    session.write('one\nt');
    session.write('wo\nthré');
    const lines = session.lines[Symbol.asyncIterator]();
    expect([(await lines.next()).value, (await lines.next()).value]).toEqual(['> one', '> two']);
    session.end();
    expect(await lines.next()).toMatchObject({ value: '> thré' });
    expect(await lines.next()).toMatchObject({ done: true });
    expect(await session.ended).toEqual({ kind: 'exited', code: 0, stdout: '', stderr: '' });
  });

  test('a command that is talked with, when its connection is lost or never stood, and when the client closes', async () => {
    const lost = await lab.client.openExec(here, ['cat']);
    lost.write('there\n');
    for await (const line of lost.lines) {
      expect(line).toBe('there');
      lab.server.proxy.cut();
    }
    expect(await lost.ended).toMatchObject({ kind: 'failed' });
    const nobody = await lab.client.openExec({ ...here, pod: 'nobody' }, ['cat']);
    expect(await nobody.ended).toMatchObject({ kind: 'failed', because: expect.stringContaining('nobody') as string });
    const other = lab.server.connect();
    const open = await other.openExec(here, ['cat']);
    other.close();
    expect(await open.ended).toMatchObject({ kind: 'failed' });
  });

  test('logs, whole and from the end', async () => {
    expect(await lab.client.logs(here)).toEqual({ kind: 'ok', value: 'one\ntwo\nthree' });
    expect(await lab.client.logs(here, { tailLines: 1 })).toEqual({ kind: 'ok', value: 'three' });
    expect(await lab.client.logs({ ...here, pod: 'nobody' })).toMatchObject({ kind: 'missing' });
  });
});

describe('who may do what', () => {
  const listSecrets = {
    kind: 'resource',
    verb: 'list',
    group: '',
    resource: 'secrets',
    subresource: '',
    name: '',
    namespace: 'shop',
  } as const;
  const guest = { user: 'guest', groups: ['system:authenticated'] };

  test('we ourselves, and somebody else', async () => {
    expect(await lab.client.review(listSecrets)).toMatchObject({ kind: 'ok', value: { allowed: true } });
    expect(await lab.client.review(listSecrets, guest)).toMatchObject({ kind: 'ok', value: { allowed: false } });
    expect(await lab.client.review({ kind: 'nonResource', verb: 'get', path: '/metrics' }, guest)).toMatchObject({
      value: { allowed: false },
    });
  });

  test('a client that acts as somebody else is refused what they are refused', async () => {
    const other = lab.client.as(guest);
    expect(await other.whoAmI()).toMatchObject({ kind: 'ok', value: { user: 'guest' } });
    expect(await other.create(configMap('from-guest'))).toMatchObject({ kind: 'forbidden' });
    expect(await lab.client.whoAmI()).toMatchObject({ value: { user: 'kubernetes-admin' } });
  });
});
