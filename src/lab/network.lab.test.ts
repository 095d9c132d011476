import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, text, type JsonRecord } from '../model/json.ts';
import { OUTSIDE_ADDRESS } from './network/addresses.ts';
import { deployment, listenOn, namespace, networkPolicy, pod, podSpec, service } from './testing/objects.ts';
import type { PodSession } from './testing/pod-session.ts';
import { startTestLab, type TestLab } from './testing/test-lab.ts';

const NS = 'net';
let lab: TestLab;
let web: PodSession;
let other: PodSession;
const address: Record<string, string> = {};

beforeAll(async () => {
  lab = await startTestLab();
  const readinessProbe = { tcpSocket: { port: 8080 } };
  const server = podSpec({
    command: listenOn(8080, 8081, 9000),
    readinessProbe,
    ports: [{ name: 'api', containerPort: 8081 }],
  });
  await lab.create(
    namespace(NS),
    deployment(NS, 'db', 2, server),
    service(NS, 'db', {
      ports: [
        { name: 'tcp', port: 80, targetPort: 8080 },
        { name: 'udp', port: 53, targetPort: 9000, protocol: 'UDP' },
      ],
    }),
    service(NS, 'db-each', { selector: { app: 'db' }, clusterIP: 'None', ports: [{ port: 8080 }] }),
    service(NS, 'nobody', { ports: [{ port: 80 }] }),
    pod(NS, 'web', podSpec()),
    pod(NS, 'other', podSpec()),
    pod(NS, 'target', server),
  );
  for (const { metadata, ...rest } of await lab.podsReady(NS, 5))
    address[metadata.name] = text(at(rest, 'status', 'podIP')) ?? '';
  [web, other] = [await lab.session(NS, 'web'), await lab.session(NS, 'other')];
});
afterAll(() => lab?.stop());

test('a pod reaches another, and the outside', async () => {
  expect(await web.connect({ host: address['target']!, port: 8080 })).toMatchObject({ outcome: 'connected' });
  expect(await web.connect({ host: address['target']!, port: 9000, protocol: 'udp' })).toMatchObject({
    detail: 'echo',
  });
  expect(await web.connect({ host: address['target']!, port: 1234 })).toMatchObject({ outcome: 'refused' });
  expect(await web.http(`http://${OUTSIDE_ADDRESS}/`)).toMatchObject({ status: 200 });
});

test('a Service leads to its ready pods by name, over TCP and UDP; one without pods refuses', async () => {
  expect(await web.connect({ host: 'db', port: 80 })).toMatchObject({ outcome: 'connected' });
  expect(await web.connect({ host: `db.${NS}.svc.cluster.local`, port: 53, protocol: 'udp' })).toMatchObject({
    detail: 'echo',
  });
  expect(await web.connect({ host: 'nobody', port: 80 })).toMatchObject({ outcome: 'refused' });
});

test('names: a Service has its address, a headless one those of its pods, and the rest is not there', async () => {
  const { body } = await lab.api.get(`/api/v1/namespaces/${NS}/services/db`);
  expect(await web.dns('db')).toMatchObject({ addresses: [at(body, 'spec', 'clusterIP')] });
  const pods = Object.keys(address)
    .filter((name) => name.startsWith('db-'))
    .map((name) => address[name]);
  expect([...(await web.dns(`db-each.${NS}`)).addresses].sort()).toEqual(pods.sort());
  expect(await web.dns('nothing.of.the.kind.invalid')).toMatchObject({ outcome: 'noSuchName' });
});

describe('NetworkPolicy: what web and other reach of target', () => {
  const podSelector = { matchLabels: { app: 'target' } };
  const fromWeb = { podSelector: { matchLabels: { app: 'web' } } };
  type Cell = readonly [from: 'web' | 'other', port: number, protocol: 'tcp' | 'udp', passes: boolean];
  const cases: readonly (readonly [name: string, spec: () => JsonRecord, cells: readonly Cell[]])[] = [
    [
      'ingress by label',
      () => ({ podSelector, ingress: [{ from: [fromWeb] }] }),
      [
        ['web', 8080, 'tcp', true],
        ['other', 8080, 'tcp', false],
        ['other', 9000, 'udp', false],
      ],
    ],
    ['ingress from nobody', () => ({ podSelector, ingress: [] }), [['web', 8080, 'tcp', false]]],
    [
      'a port is TCP unless it says otherwise',
      () => ({ podSelector, ingress: [{ ports: [{ port: 9000 }] }] }),
      [
        ['web', 9000, 'tcp', true],
        ['web', 9000, 'udp', false],
      ],
    ],
    [
      'UDP',
      () => ({ podSelector, ingress: [{ ports: [{ port: 9000, protocol: 'UDP' }] }] }),
      [
        ['web', 9000, 'udp', true],
        ['web', 9000, 'tcp', false],
      ],
    ],
    [
      'a range of ports',
      () => ({ podSelector, ingress: [{ ports: [{ port: 8080, endPort: 8081 }] }] }),
      [
        ['web', 8080, 'tcp', true],
        ['web', 8081, 'tcp', true],
        ['web', 9000, 'tcp', false],
      ],
    ],
    [
      'a named port',
      () => ({ podSelector, ingress: [{ ports: [{ port: 'api' }] }] }),
      [
        ['web', 8081, 'tcp', true],
        ['web', 8080, 'tcp', false],
      ],
    ],
    [
      'a block with a hole',
      () => ({
        podSelector,
        ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: [`${address['other']}/32`] } }] }],
      }),
      [
        ['web', 8080, 'tcp', true],
        ['other', 8080, 'tcp', false],
      ],
    ],
    [
      'egress of the sender',
      () => ({
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector }], ports: [{ port: 8080 }] }],
      }),
      [
        ['web', 8080, 'tcp', true],
        ['web', 8081, 'tcp', false],
        ['other', 8081, 'tcp', true],
      ],
    ],
  ];
  test.each(cases)('%s', async (_, spec, cells) => {
    const policy = networkPolicy(NS, 'under-test', spec());
    await lab.create(policy);
    await lab.enforced();
    const outcomes = await Promise.all(
      cells.map(async ([from, port, protocol, passes]) => {
        const session = from === 'web' ? web : other;
        const { outcome } = await session.connect({
          host: address['target']!,
          port,
          protocol,
          timeoutMs: passes ? 8_000 : 500,
        });
        return [from, port, protocol, outcome === 'connected'];
      }),
    );
    await lab.client.delete({ apiVersion: policy.apiVersion, kind: policy.kind, namespace: NS, name: 'under-test' });
    await lab.enforced();
    expect(outcomes).toEqual(cells);
  });

  test('a new policy ends a connection that is open, and its deletion opens the way again', async () => {
    const shell = (script: string): Promise<string> => run(['bash', '-c', script]);
    const talk = shell(`exec 3<>/dev/tcp/${address['target']}/8080
      echo before >&3; read -r -u 3 line; touch /tmp/open
      until [ -e /tmp/go ]; do sleep 0.05; done
      echo after >&3; read -r -t 2 -u 3 line || line=silence; echo "$line"`);
    await shell('until [ -e /tmp/open ]; do sleep 0.05; done');
    await lab.create(networkPolicy(NS, 'shut', { podSelector, ingress: [] }));
    await lab.enforced();
    await shell('touch /tmp/go');
    expect(await talk).toBe('silence\n');
    await lab.client.delete({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: NS, name: 'shut' });
    await lab.enforced();
    const again = await web.connect({ host: address['target']!, port: 8080, timeoutMs: 8_000 });
    expect(again).toMatchObject({ outcome: 'connected' });
  });

  async function run(command: readonly string[]): Promise<string> {
    const done = await lab.client.exec({ namespace: NS, pod: 'web' }, command, { timeoutMs: 60_000 });
    return done.kind === 'exited' ? done.stdout : JSON.stringify(done);
  }
});
