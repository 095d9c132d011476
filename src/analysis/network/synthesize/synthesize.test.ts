import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { analyseNetwork } from '../index.ts';
import { applyChanges, pointer, type Change } from '../lint/change.ts';
import { formatFlow, type Flow } from './flow.ts';
import { requiredFlows } from './required-flows.ts';
import { synthesize } from './synthesize.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const PODS = NAMES.map((name, i) => {
  const namespace = i < 2 ? 'one' : 'two';
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${name}, team: ${namespace} } }
spec: { containers: [{ name: main }] }
status: { podIPs: [{ ip: 10.0.0.${i + 1} }] }
`;
});
const DNS = `apiVersion: v1
kind: Pod
metadata: { name: dns, namespace: kube-system, labels: { k8s-app: kube-dns } }
spec: { containers: [{ name: main }] }
status: { podIPs: [{ ip: 10.0.0.53 }] }
`;
const snapshot = snapshotOfYaml([...PODS, DNS].join('---\n'));
const analysis = analyseNetwork(snapshot);
const workload = (name: string) => analysis.workloads.find(({ ref }) => ref.name === name)!;
const spaces = ['one', 'two'];
const wanted: fc.Arbitrary<readonly Flow[]> = fc.array(
  fc
    .record({
      from: fc.constantFrom(...NAMES),
      to: fc.constantFrom(...NAMES),
      port: fc.constantFrom(80, 443, 5432),
      protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
    })
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, port, protocol }): Flow => ({
      from: { kind: 'workload', workload: workload(from) },
      to: { kind: 'workload', workload: workload(to) },
      port,
      protocol,
      says: 'test',
    })),
  { maxLength: 8 },
);

function applied(policies: readonly KubernetesObject[]): Snapshot {
  return applyChanges(
    snapshot,
    policies.map((manifest): Change => ({ kind: 'create', manifest })),
  );
}

/** The slow twin: every pair of pods, port and protocol is asked, and must be open exactly when it was wanted. */
function opened(of: Snapshot): readonly string[] {
  const now = analyseNetwork(of);
  const end = (name: string) => ({ kind: 'workload', namespace: workload(name).namespace, name }) as const;
  return NAMES.flatMap((from) =>
    NAMES.filter((to) => to !== from).flatMap((to) =>
      [22, 80, 443, 5432].flatMap((port) =>
        (['TCP', 'UDP'] as const).flatMap((protocol) =>
          now.query(end(from), end(to), { port, protocol }).verdict === 'allowed'
            ? [`${workload(from).id} -> ${workload(to).id}:${port}/${protocol}`]
            : [],
        ),
      ),
    ),
  ).sort();
}

test('exactly the flows wanted are possible', () => {
  fc.assert(
    fc.property(wanted, (flows) => {
      const made = synthesize(snapshot, analysis, flows, spaces);
      expect(made.check.unmet).toEqual([]);
      expect(made.check.withoutDns).toEqual([]);
      expect(opened(applied(made.policies))).toEqual([...new Set(flows.map(formatFlow))].sort());
    }),
    { numRuns: 60 },
  );
});

test('nothing in them is needless: without any peer or rule some flow is lost', () => {
  fc.assert(
    fc.property(wanted, (flows) => {
      const { policies } = synthesize(snapshot, analysis, flows, spaces);
      const all = opened(applied(policies)).length;
      for (const [i, policy] of policies.entries()) {
        if (/^(default-deny|allow-dns)$/.test(policy.metadata.name)) continue;
        const spec = policy['spec'] as Record<string, readonly unknown[] | undefined>;
        for (const field of ['ingress', 'egress']) {
          for (const index of (spec[field] ?? []).keys()) {
            const patch = [{ op: 'remove', path: pointer(['spec', field, index]) }] as const;
            const object = {
              apiVersion: policy.apiVersion,
              kind: policy.kind,
              namespace: policy.metadata.namespace!,
              name: policy.metadata.name,
            };
            const less = applyChanges(applied(policies), [{ kind: 'patch', object, patch }]);
            expect([i, opened(less).length]).not.toEqual([i, all]);
          }
        }
      }
    }),
    { numRuns: 15 },
  );
});

test('the order of the flows makes no difference', () => {
  fc.assert(
    fc.property(wanted, (flows) => {
      const forward = synthesize(snapshot, analysis, flows, spaces).policies;
      expect(synthesize(snapshot, analysis, [...flows].reverse(), spaces).policies).toEqual(forward);
    }),
    { numRuns: 30 },
  );
});

describe('what manifests ask for', () => {
  const app = (container: string): readonly string[] => {
    const read = snapshotOfYaml(`apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  containers: [${container}]
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { containers: [{ name: main, ports: [{ name: sql, containerPort: 5432 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { selector: { app: db }, ports: [{ name: sql, port: 80, targetPort: sql }, { name: metrics, port: 9100 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { DB_HOST: db.shop.svc.cluster.local }
`);
    return requiredFlows(read, analyseNetwork(read)).map(formatFlow);
  };
  const sql = 'shop/web[Pod] -> shop/db[Pod]:5432/TCP';
  const metrics = 'shop/web[Pod] -> shop/db[Pod]:9100/TCP';

  test.each([
    ['a URL with a port', '{ name: m, env: [{ name: X, value: "postgres://u:p@db:80/x" }] }', [sql]],
    ['a URL whose scheme says the port', '{ name: m, env: [{ name: X, value: "http://db/" }] }', [sql]],
    [
      'a bare name in a variable for a host: every port',
      '{ name: m, env: [{ name: DB_HOST, value: db }] }',
      [sql, metrics],
    ],
    ['a full name in an argument', '{ name: m, args: ["--target=db.shop.svc:9100"] }', [metrics]],
    ['a ConfigMap', '{ name: m, envFrom: [{ configMapRef: { name: settings } }] }', [sql, metrics]],
    ['a word that is no host', '{ name: m, env: [{ name: LOG_PREFIX, value: db }] }', []],
    ['part of another word', '{ name: m, args: ["--table=db-old", "mydb:80", "db_name"] }', []],
    ['a Service that is not there', '{ name: m, env: [{ name: URL, value: "http://cache:6379" }] }', []],
  ])('%s', (_title, container, flows) => {
    expect(app(container)).toEqual(flows);
  });
});

test('a flow that another policy forbids is said not to be met', () => {
  const forbidding = snapshotOfYaml(
    [
      ...PODS,
      DNS,
      `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: never }
spec: { tier: Admin, priority: 1, subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }
`,
    ].join('---\n'),
  );
  const under = analyseNetwork(forbidding);
  const end = (name: string) =>
    ({ kind: 'workload', workload: under.workloads.find(({ ref }) => ref.name === name)! }) as const;
  const flow: Flow = { from: end('a'), to: end('b'), port: 80, protocol: 'TCP', says: 'test' };
  const { check } = synthesize(forbidding, under, [flow], ['one']);
  expect(check.unmet).toHaveLength(1);
  expect(check.unmet[0]).toContain('one/a[Pod] -> one/b[Pod]:80/TCP is denied');
});
