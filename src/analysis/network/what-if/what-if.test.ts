import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { analyseNetwork } from '../index.ts';
import { applyChanges } from '../lint/change.ts';
import { formatPeer, listed } from '../answers/report.ts';
import { clusters, snapshotOf } from '../testing/clusters.ts';
import { crossing, dependentsOf, policyNamed } from './changes.ts';
import { strangersReach, type Hypothetical } from './strangers.ts';

const SHOP = `apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { containers: [{ name: main }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: main }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress, Egress]
  ingress:
    - { from: [{ namespaceSelector: {} }], ports: [{ port: 9100 }] }
    - { from: [{ namespaceSelector: { matchLabels: { env: prod } }, podSelector: { matchLabels: { role: backup } } }], ports: [{ port: 22 }] }
    - { from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }
`;

function strangers(yaml: string, asked?: Hypothetical): readonly string[] {
  const snapshot = snapshotOfYaml(yaml);
  return strangersReach(snapshot, analyseNetwork(snapshot), ({ ref }) => ref.name === 'db', asked).map(
    ({ direction, stranger, verdict, ports }) => `${direction} ${stranger}: ${verdict === 'allowed' ? ports : verdict}`,
  );
}

test('who could come and be let in', () => {
  expect(strangers(SHOP)).toEqual([
    'ingress any pod of a new namespace: TCP 9100',
    'ingress [namespace with env=prod]/[pod with role=backup]: TCP 22',
    'ingress shop/[pod with app=web]: TCP 5432',
  ]);
});

test('one peer asked about, in a namespace that is there or in a new one', () => {
  const asked = (labels: Record<string, string>, more: Partial<Hypothetical>): readonly string[] =>
    strangers(SHOP, { labels, namespaceLabels: {}, ...more }).slice(1);
  expect(asked({ app: 'web' }, { namespace: 'shop' })).toEqual(['ingress shop/[pod with app=web]: TCP 5432,9100']);
  expect(asked({ app: 'web' }, {})).toEqual(['ingress [new namespace]/[pod with app=web]: TCP 9100']);
  expect(asked({ role: 'backup' }, { namespaceLabels: { env: 'prod' } })).toEqual([
    'ingress [namespace with env=prod]/[pod with role=backup]: TCP 22,9100',
  ]);
});

test('without the policies nothing is known of strangers either', () => {
  const gaps = [
    { kind: 'NetworkPolicy.networking.k8s.io', reason: 'forbidden', detail: 'refused', remedy: 'list them' },
  ] as const;
  const snapshot = snapshotOfYaml(SHOP.split('---').slice(0, 2).join('---'), { gaps });
  const found = strangersReach(snapshot, analyseNetwork(snapshot), () => true);
  expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
});

test('what hangs on a policy is what changes without it', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const snapshot = snapshotOf(cluster);
      const analysis = analyseNetwork(snapshot);
      const [policy] = analysis.policies;
      if (!policy) return;
      const { holdsClosed, holdsOpen } = dependentsOf(snapshot, analysis, policy.ref);
      const without = analyseNetwork(applyChanges(snapshot, [{ kind: 'delete', object: policy.ref }]));
      const same = JSON.stringify(listed(analysis.connections())) === JSON.stringify(listed(without.connections()));
      expect(holdsClosed.length + holdsOpen.length === 0).toBe(same);
    }),
    { numRuns: 60 },
  );
});

test('what crosses the border of a namespace has one end inside', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const snapshot = snapshotOf(cluster);
      const analysis = analyseNetwork(snapshot);
      const [{ namespace } = { namespace: '' }] = analysis.workloads;
      const isIn = (end: string): boolean => end.startsWith(`${namespace}/`);
      const all = analysis.connections().filter(({ from, to }) => isIn(formatPeer(from)) !== isIn(formatPeer(to)));
      expect(crossing(snapshot, analysis, namespace).length).toBe(all.length);
    }),
    { numRuns: 40 },
  );
});

test('a policy is found by its name, and by its kind where names are alike', () => {
  const snapshot = snapshotOfYaml(`${SHOP}---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: db }
spec: { tier: Admin, priority: 1, subject: { namespaces: {} }, ingress: [] }
`);
  const names = (written: string): readonly string[] =>
    policyNamed(analyseNetwork(snapshot), written).map(({ kind }) => kind);
  expect(names('shop/db')).toEqual(['NetworkPolicy']);
  expect(names('networkpolicy/shop/db')).toEqual(['NetworkPolicy']);
  expect(names('ClusterNetworkPolicy/db')).toEqual(['ClusterNetworkPolicy']);
  expect(names('shop/nothing')).toEqual([]);
});
