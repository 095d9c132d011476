import { describe, expect, test } from 'vitest';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { diffNetworks } from './diff.ts';
import { exposureChanges } from './exposures.ts';
import { analyseNetwork } from '../index.ts';
import { formatPeer } from '../answers/report.ts';

const PODS = `apiVersion: v1
kind: Namespace
metadata: { name: admin, labels: { team: ops } }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: main }] }
status: { podIPs: [{ ip: 10.0.0.1 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { containers: [{ name: main }] }
status: { podIPs: [{ ip: 10.0.0.2 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: console, namespace: admin, labels: { app: console } }
spec: { containers: [{ name: main }] }
status: { podIPs: [{ ip: 10.0.0.3 }] }
`;
const policy = (rules: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress], ingress: [${rules}] }
`;
const web = (port: number): string =>
  `{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: ${port} }] }`;
const ops = '{ from: [{ namespaceSelector: { matchLabels: { team: ops } } }], ports: [{ port: 5432 }] }';

function diff(old: string, now: string) {
  const [before, after] = [old, now].map((yaml) => {
    const snapshot = snapshotOfYaml(yaml);
    return { snapshot, analysis: analyseNetwork(snapshot) };
  });
  return [...diffNetworks(before!, after!)].map(({ change, from, to, opens, because }) => ({
    edge: `${change} ${formatPeer(from)} -> ${formatPeer(to)}`,
    opens,
    because: because.map((reason) => reason.says).join('\n'),
    paths: because.flatMap((reason) => (reason.kind === 'field' ? [reason.path] : [])),
  }));
}

test('the rule that opens an edge is named, among others of its policy', () => {
  const [only, ...more] = diff(PODS + policy(ops), PODS + policy(`${ops}, ${web(22)}, ${web(5432)}`));
  expect(more).toEqual([]);
  expect(only).toMatchObject({ edge: 'added shop/web[Pod] -> shop/db[Pod]', opens: true });
  expect(only?.paths).toContain('spec.ingress[1].from[0]');
});

test('of an edge that keeps a port the cause of the other is named', () => {
  const [only] = diff(PODS + policy(web(22)), PODS + policy(`${web(22)}, ${web(5432)}`));
  expect(only).toMatchObject({ edge: 'changed shop/web[Pod] -> shop/db[Pod]', opens: true });
  expect(only?.paths).toContain('spec.ingress[1].from[0]');
  expect(only?.paths).not.toContain('spec.ingress[0].from[0]');
});

test('the rule that is gone is named as it was', () => {
  const [only] = diff(PODS + policy(web(5432)), PODS + policy(''));
  expect(only).toMatchObject({ edge: 'removed shop/web[Pod] -> shop/db[Pod]', opens: false });
  expect(only?.because).toContain('before the change');
  expect(only?.paths).toContain('spec.ingress[0].from[0]');
});

test('a label of a namespace is a cause', () => {
  const [only] = diff(PODS + policy(ops), PODS.replace('team: ops', 'team: dev') + policy(ops));
  expect(only).toMatchObject({ edge: 'removed admin/console[Pod] -> shop/db[Pod]' });
  expect(only?.because).toContain('Namespace admin: label team was ops and is dev');
});

test('a policy that is gone opens what it isolated', () => {
  const found = diff(PODS + policy(''), PODS);
  expect(found.every(({ opens }) => opens)).toBe(true);
  expect(found.find(({ edge }) => edge.includes('console'))?.because).toContain('NetworkPolicy shop/db was removed');
});

describe('ways in from outside', () => {
  const service = (type: string, port = 8080): string => `---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: ${type}, selector: { app: web }, ports: [{ port: 80, targetPort: ${port} }], externalTrafficPolicy: Local }
`;
  const changes = (old: string, now: string) => {
    const [before, after] = [old, now].map((yaml) => {
      const snapshot = snapshotOfYaml(yaml);
      return { snapshot, analysis: analyseNetwork(snapshot) };
    });
    return exposureChanges(before!, after!).map(({ via, before: was, after: is, opens }) => [via, was, is, opens]);
  };
  const open = { ports: 'TCP 8080', verdict: 'allowed' };

  test('a Service that becomes a load balancer opens one, and closes it again', () => {
    expect(changes(PODS + service('ClusterIP'), PODS + service('LoadBalancer'))).toEqual([
      ['LoadBalancer', null, open, true],
    ]);
    expect(changes(PODS + service('LoadBalancer'), PODS + service('ClusterIP'))).toEqual([
      ['LoadBalancer', open, null, false],
    ]);
  });

  test('another port is another way; what stays is left out', () => {
    expect(changes(PODS + service('LoadBalancer'), PODS + service('LoadBalancer', 9090))).toEqual([
      ['LoadBalancer', open, { ports: 'TCP 9090', verdict: 'allowed' }, true],
    ]);
    expect(changes(PODS + service('LoadBalancer'), PODS + service('LoadBalancer'))).toEqual([]);
  });

  test('a policy closes it', () => {
    const shut = policy('').replace('app: db', 'app: web');
    expect(changes(PODS + service('LoadBalancer'), PODS + service('LoadBalancer') + shut)).toEqual([
      ['LoadBalancer', open, { ports: 'TCP 8080', verdict: 'denied' }, false],
    ]);
  });
});
