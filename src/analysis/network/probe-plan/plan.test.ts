import { expect, test } from 'vitest';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { analyseNetwork } from '../index.ts';
import { planProbes, type PlannedCell } from './plan.ts';

let address = 1;
const pod = (name: string, namespace: string, labels: string, node: string, ports = '8080'): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { ${labels} } }
spec: { nodeName: ${node}, containers: [{ name: main, ports: [${ports
  .split(',')
  .map((port) => `{ containerPort: ${port} }`)
  .join(', ')}] }] }
status: { podIPs: [{ ip: 10.0.0.${address++} }] }
`;
const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }]
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { clusterIP: 10.96.0.7, selector: { app: db }, ports: [{ port: 80, targetPort: 5432 }] }
`;

function plan(documents: readonly string[], maxCells = 200) {
  const snapshot = snapshotOfYaml(documents.join('---\n'));
  return planProbes(snapshot, analyseNetwork(snapshot), { maxCells });
}

const text = ({ from, to, port, predicted, via, placement }: PlannedCell): string => {
  const way = { pod: placement, service: `via ${'service' in via ? via.service : ''}`, nodePort: 'via a node port' };
  return `${from.pod} -> ${to.pod}:${port} ${predicted} ${way[via.kind]}`;
};

const SHOP = [
  pod('web-1', 'shop', 'app: web', 'n1'),
  pod('web-2', 'shop', 'app: web', 'n2'),
  pod('cron', 'shop', 'app: cron', 'n1'),
  pod('db', 'shop', 'app: db', 'n1', '5432'),
  POLICY,
  SERVICE,
];

test('closed boundaries come first, on one node and across two, by the pod and by its Service', () => {
  const { cells } = plan(SHOP);
  const texts = cells.map(text);
  expect(texts.slice(0, 2)).toEqual(['cron -> db:5432 denied same node', 'cron -> db:5432 denied via Service shop/db']);
  expect(texts).toContain('web-1 -> db:5432 allowed same node');
  expect(texts).toContain('web-2 -> db:5432 allowed across nodes');
  const lastClosed = cells.findLastIndex(({ predicted }) => predicted === 'denied');
  expect(cells.slice(0, lastClosed).every(({ predicted }) => predicted === 'denied')).toBe(true);
});

test('the neighbour that one label keeps out is tried before a stranger', () => {
  const { cells } = plan([...SHOP, pod('stranger', 'other', 'team: x, role: y, zone: z', 'n2')]);
  expect(text(cells[0]!)).toBe('cron -> db:5432 denied same node');
  expect(cells[0]!.says).toContain('one edit away');
});

test('pods that no policy tells apart are tried once, however many there are', () => {
  const more = Array.from({ length: 40 }, (_, i) => pod(`web-${i + 3}`, 'shop', `app: web, hash: h${i}`, 'n1'));
  expect(plan([...SHOP, ...more]).cells.length).toBe(plan(SHOP).cells.length);
});

test('every isolation and every rule that opens something is tried', () => {
  const second = POLICY.replace('name: db', 'name: cron').replaceAll('app: db', 'app: cron').replace('5432', '8080');
  const { cells } = plan([...SHOP, second]);
  const tried = cells.map(({ to, predicted }) => `${to.pod} ${predicted}`);
  for (const expected of ['db denied', 'db allowed', 'cron denied', 'cron allowed']) expect(tried).toContain(expected);
});

test('what is left out is said', () => {
  const host = pod('agent', 'shop', 'app: agent', 'n1').replace('spec: {', 'spec: { hostNetwork: true,');
  const silent = pod('job', 'shop', 'app: job', 'n1').replace('ports: [{ containerPort: 8080 }]', 'ports: []');
  const { cells, leftOut } = plan([...SHOP, host, silent], 3);
  expect(cells).toHaveLength(3);
  expect(leftOut.join('\n')).toMatch(/on the network of their node[^]*declare no TCP or UDP port[^]*beyond the limit/);
});

test('an isolated pod is asked whether it reaches itself, and its node whether it reaches it', () => {
  const agent = pod('agent', 'kube-system', 'app: agent', 'n1').replace('spec: {', 'spec: { hostNetwork: true,');
  const { cells } = plan([...SHOP, agent]);
  const texts = cells.map(text);
  expect(texts).toContain('db -> db:5432 allowed itself');
  // A pod on the node's network may count as a pod or as the node.
  expect(texts).toContain('agent -> db:5432 implementationDefined same node');
  // Only what isolates ingress could close these ways.
  expect(texts.filter((one) => one.endsWith('itself'))).toHaveLength(1);
});

test('pods and Services with two families of addresses are tried in both, each as the policies say of it', () => {
  const both = (written: string): string =>
    written.replace(/\{ ip: 10\.0\.0\.(\d+) \}/, '{ ip: 10.0.0.$1 }, { ip: "fd00::$1" }');
  const { cells } = plan(SHOP.map(both));
  const addresses = (all: typeof cells, from: string) =>
    all.flatMap((one) =>
      one.from.pod === from && one.to.pod === 'db' && one.via.kind === 'pod' ? one.via.address : [],
    );
  expect(addresses(cells, 'cron')).toEqual([expect.stringMatching(/^10\./), expect.stringMatching(/^fd00::/)]);
  const byNetwork = POLICY.replace(
    '{ podSelector: { matchLabels: { app: web } } }',
    '{ ipBlock: { cidr: 10.0.0.0/8 } }',
  );
  const dualService = SERVICE.replace(
    'clusterIP: 10.96.0.7,',
    'clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00:96::7"],',
  );
  const inEach = plan([...SHOP.filter((one) => one !== SERVICE).map(both), dualService, byNetwork]).cells;
  const open = inEach.filter(({ from, to }) => from.pod === 'web-1' && to.pod === 'db');
  expect(open.map(({ via, predicted }) => `${via.kind} ${via.address} ${predicted}`)).toEqual([
    expect.stringMatching(/^pod 10\..* allowed$/),
    expect.stringMatching(/^pod fd00::.* denied$/),
    'service 10.96.0.7 allowed',
    'service fd00:96::7 denied',
  ]);
});

test('a node port is dialled at a node, and what it leads to is certain only where everybody may come', () => {
  const node = `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { addresses: [{ type: Hostname, address: n1 }, { type: InternalIP, address: 192.168.0.1 }] }
`;
  const exposed = SERVICE.replace('{ port: 80,', '{ port: 80, nodePort: 30080,');
  const dialled = (documents: readonly string[]) =>
    plan(documents).cells.flatMap(({ via, predicted, from }) =>
      via.kind === 'nodePort' ? [`${from.pod} ${via.address}:${via.port} ${predicted}`] : [],
    );
  const closed = [...SHOP.filter((one) => one !== SERVICE), exposed, node];
  expect(dialled(closed)).toContain('cron 192.168.0.1:30080 implementationDefined');
  expect(dialled(closed.filter((one) => one !== POLICY))).toEqual([
    expect.stringMatching(/ 192\.168\.0\.1:30080 allowed$/),
  ]);
});

test('SCTP is named as what nobody can try', () => {
  const speaks = pod('signals', 'shop', 'app: signals', 'n1').replace(
    'containerPort: 8080',
    'containerPort: 3868, protocol: SCTP',
  );
  expect(plan([...SHOP, speaks]).leftOut.join('\n')).toContain('SCTP at shop/signals[Pod]:3868 is not tried');
});

test('templates without a running pod are not dialled', () => {
  const template = `apiVersion: apps/v1
kind: Deployment
metadata: { name: later, namespace: shop }
spec:
  template: { metadata: { labels: { app: later } }, spec: { containers: [{ name: m, ports: [{ containerPort: 80 }] }] } }
`;
  expect(plan([...SHOP, template]).cells.map(({ to }) => to.workload.ref.name)).not.toContain('later');
});

test('a pod behind the proxy of a mesh is dialled and not asked: the proxy would answer for the far end', () => {
  const proxied = pod('meshed', 'shop', 'app: meshed', 'n1').replace(
    'containers: [',
    'containers: [{ name: istio-proxy }, ',
  );
  const { cells, leftOut } = plan([...SHOP, proxied]);
  expect(cells.filter(({ from }) => from.pod === 'meshed')).toEqual([]);
  expect(leftOut.join()).toContain('1 pods of a mesh');
});

test.each([
  [
    'leads clients only to pods of their own node',
    SERVICE.replace('spec: {', 'spec: { internalTrafficPolicy: Local,'),
    '',
  ],
  ['has no pod that is ready', SERVICE, ', conditions: [{ type: Ready, status: "False" }]'],
])('a Service that %s is not dialled', (_, service, condition) => {
  const documents = SHOP.filter((one) => one !== SERVICE).map((one) =>
    one.includes('name: db, namespace: shop, labels') ? one.replace(/podIPs: \[.*\]/, `$&${condition}`) : one,
  );
  expect(plan([...documents, SERVICE]).cells.some(({ via }) => via.kind === 'service')).toBe(condition === '');
  expect(plan([...documents, service]).cells.some(({ via }) => via.kind === 'service')).toBe(false);
});
