import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, records, strings, text } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { podIPs } from '../model/pods.ts';
import { IPV6 } from './network/addresses.ts';
import { ofFamily } from './network/ip.ts';
import { deployment, listenOn, namespace, networkPolicy, pod, podSpec, service } from './testing/objects.ts';
import type { PodSession } from './testing/pod-session.ts';
import { startTestLab, type TestLab } from './testing/test-lab.ts';

/** A lab with IPv6 beside IPv4, as Kubernetes shows and uses both. NetworkPolicy is in agreement.lab.test.ts. */
const NS = 'dual';
let lab: TestLab;
let web: PodSession;
let pods: readonly KubernetesObject[];

beforeAll(async () => {
  lab = await startTestLab({ dualStack: true });
  const server = podSpec({ command: listenOn(8080, 9000), readinessProbe: { tcpSocket: { port: 8080 } } });
  const ports = [
    { name: 'tcp', port: 80, targetPort: 8080 },
    { name: 'udp', port: 53, targetPort: 9000, protocol: 'UDP' },
  ];
  await lab.create(
    namespace(NS),
    deployment(NS, 'db', 2, server),
    service(NS, 'db', { ipFamilyPolicy: 'PreferDualStack', type: 'NodePort', ports }),
    service(NS, 'db-six', { selector: { app: 'db' }, ipFamilies: ['IPv6'], ports }),
    service(NS, 'db-each', { selector: { app: 'db' }, clusterIP: 'None', ipFamilyPolicy: 'RequireDualStack', ports }),
    service(NS, 'db-four', { selector: { app: 'db' }, ports }),
    service(NS, 'nobody', { ipFamilyPolicy: 'RequireDualStack', ports }),
    pod(NS, 'web', podSpec({ env: [fieldEnv('IPS', 'status.podIPs'), fieldEnv('HOST_IPS', 'status.hostIPs')] })),
  );
  pods = await lab.podsReady(NS, 3);
  web = await lab.session(NS, 'web');
  await eventually(
    () => web.dns('db-each'),
    ({ addresses }) => addresses.length === 4,
  );
});
afterAll(() => lab?.stop());

function fieldEnv(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

/** Asks until the answer is as wanted: Services are programmed and named a moment after they are there. */
async function eventually<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; await delay(50)) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
  }
}

/** What becomes of a connection from `web` once a Service leads somewhere. */
function reach(request: Parameters<PodSession['connect']>[0]): ReturnType<PodSession['connect']> {
  return eventually(
    () => web.connect(request),
    ({ outcome }) => outcome === 'connected',
  );
}

async function inWeb(script: string): Promise<string> {
  const ran = await lab.client.exec({ namespace: NS, pod: 'web' }, ['sh', '-c', script], { timeoutMs: 60_000 });
  return 'stdout' in ran ? ran.stdout : ran.because;
}

async function read(path: string): Promise<unknown> {
  return (await lab.api.get(path)).body;
}

async function clusterIPsOf(name: string): Promise<readonly string[]> {
  return strings(at(await read(`/api/v1/namespaces/${NS}/services/${name}`), 'spec', 'clusterIPs'));
}

test('pods and nodes have an address and a block of each family, IPv4 first', async () => {
  for (const { status } of pods as readonly { readonly status?: unknown }[]) {
    expect(at(status, 'podIP')).toMatch(/^10\.244\./);
    expect(at(status, 'podIPs')).toEqual([
      { ip: at(status, 'podIP') },
      { ip: expect.stringMatching(/^fd00:10:244:[1-3]::/) },
    ]);
    expect(at(status, 'hostIPs')).toEqual([
      { ip: at(status, 'hostIP') },
      { ip: expect.stringMatching(/^fd00:172:29::/) },
    ]);
  }
  const node = await read('/api/v1/nodes/worker-1');
  expect(at(node, 'spec', 'podCIDRs')).toEqual(['10.244.1.0/24', 'fd00:10:244:1::/64']);
  const internal = records(at(node, 'status', 'addresses')).filter(([, { type }]) => type === 'InternalIP');
  expect(internal.map(([, { address }]) => address)).toEqual(['172.29.0.11', 'fd00:172:29::b']);
});

test('the downward API names all addresses', async () => {
  const object = pods.find(({ metadata }) => metadata.name === 'web')!;
  const [first, ...hosts] = (await inWeb('echo "$IPS $HOST_IPS"; cat /etc/hosts')).split('\n');
  const hostIPs = records(at(object, 'status', 'hostIPs')).map(([, { ip }]) => ip);
  expect(first).toBe(`${podIPs(object).join(',')} ${hostIPs.join(',')}`);
  expect(hosts).toEqual(expect.arrayContaining(podIPs(object).map((ip) => `${ip}\tweb`)));
});

describe('Services', () => {
  test('have addresses and slices by their policy', async () => {
    expect(await clusterIPsOf('db')).toEqual([
      expect.stringMatching(/^10\.96\./),
      expect.stringMatching(/^fd00:10:96::/),
    ]);
    expect(await clusterIPsOf('db-six')).toEqual([expect.stringMatching(/^fd00:10:96::/)]);
    expect(await clusterIPsOf('db-four')).toEqual([expect.stringMatching(/^10\.96\./)]);
    expect(await clusterIPsOf('db-each')).toEqual(['None']);
    const all = `/apis/discovery.k8s.io/v1/namespaces/${NS}/endpointslices`;
    const body = await lab.until(all, (found) => records(at(found, 'items')).length === 8);
    const slices = records(at(body, 'items')).map(([, slice]) => {
      const of = text(at(slice, 'metadata', 'labels', 'kubernetes.io/service-name'));
      return `${of} ${text(slice['addressType'])} ${records(slice['endpoints']).length}`;
    });
    expect(slices.sort()).toEqual([
      'db IPv4 2',
      'db IPv6 2',
      'db-each IPv4 2',
      'db-each IPv6 2',
      'db-four IPv4 2',
      'db-six IPv6 2',
      'nobody IPv4 0',
      'nobody IPv6 0',
    ]);
  });

  test('lead to their pods over TCP and UDP at each of their addresses, and refuse where there is nobody', async () => {
    for (const host of [...(await clusterIPsOf('db')), ...(await clusterIPsOf('db-six'))]) {
      expect(await reach({ host, port: 80 })).toMatchObject({ outcome: 'connected' });
      expect(await reach({ host, port: 53, protocol: 'udp' })).toMatchObject({ detail: 'echo' });
      expect(await web.connect({ host, port: 81 })).toMatchObject({ outcome: 'refused' });
    }
    for (const host of await clusterIPsOf('nobody'))
      expect(await web.connect({ host, port: 80 })).toMatchObject({ outcome: 'refused' });
  });

  test('answer at a port of every node in both families', async () => {
    const body = await read(`/api/v1/namespaces/${NS}/services/db`);
    const port = Number(at(body, 'spec', 'ports', 0, 'nodePort'));
    const nodes = records(at(await read('/api/v1/nodes'), 'items')).flatMap(([, node]) =>
      records(at(node, 'status', 'addresses')).flatMap(([, { type, address }]) =>
        type === 'InternalIP' ? [text(address) ?? ''] : [],
      ),
    );
    expect(nodes).toHaveLength(6);
    for (const host of nodes) expect(await reach({ host, port })).toMatchObject({ outcome: 'connected' });
  });

  test('have a name for every address: A, AAAA, and back', async () => {
    expect((await web.dns('db')).addresses.toSorted()).toEqual((await clusterIPsOf('db')).toSorted());
    expect(await web.dns('db-six')).toMatchObject({ addresses: await clusterIPsOf('db-six') });
    const servers = pods.filter(({ metadata }) => metadata.name !== 'web').flatMap(podIPs);
    expect((await web.dns('db-each')).addresses.toSorted()).toEqual(servers.toSorted());
    const six = ofFamily(await clusterIPsOf('db'), 'IPv6') ?? '';
    expect(await inWeb(`getent hosts ${six}`)).toContain(`db.${NS}.svc.cluster.local`);
  });

  test('become single-stack and dual-stack again: the first address stays', async () => {
    const ref = { apiVersion: 'v1', kind: 'Service', namespace: NS, name: 'db' };
    const [first] = await clusterIPsOf('db');
    await lab.client.patch(ref, 'merge', { spec: { ipFamilyPolicy: 'SingleStack' } });
    expect(await clusterIPsOf('db')).toEqual([first]);
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${NS}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Ddb`;
    await lab.until(slices, (found) => records(at(found, 'items')).length === 1);
    await lab.client.patch(ref, 'merge', { spec: { ipFamilyPolicy: 'RequireDualStack' } });
    expect(await clusterIPsOf('db')).toEqual([first, expect.stringMatching(/^fd00:10:96::/)]);
    await lab.until(slices, (found) => records(at(found, 'items')).length === 2);
  });
});

test('the internet is there in IPv6 too', async () => {
  expect(await web.http(`http://[${IPV6.outside}]/`)).toMatchObject({ status: 200 });
});

test('a pod that may send nothing is still found by its node: neighbour discovery is no traffic of its own', async () => {
  await lab.create(
    networkPolicy(NS, 'silent', { podSelector: { matchLabels: { app: 'silent' } }, policyTypes: ['Egress'] }),
  );
  // Nobody has asked for its IPv6 address before the policy is in force.
  await lab.create(pod(NS, 'silent', podSpec({ command: listenOn(8080) })));
  const running = await lab.podsReady(NS, 4);
  await lab.enforced();
  const silent = running.find(({ metadata }) => metadata.name === 'silent')!;
  const six = ofFamily(podIPs(silent), 'IPv6') ?? '';
  expect(await web.connect({ host: six, port: 8080 })).toMatchObject({ outcome: 'connected' });
  const session = await lab.session(NS, 'silent');
  const peer = ofFamily(podIPs(running.find(({ metadata }) => metadata.name === 'web')!), 'IPv6') ?? '';
  expect(await session.connect({ host: peer, port: 8080, timeoutMs: 400 })).toMatchObject({ outcome: 'timeout' });
});
