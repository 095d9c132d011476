import { expect, test } from 'vitest';
import { createFacts } from '../../../claims/facts.ts';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { defaultSources } from './default-source.ts';

const workload = (namespace: string, name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: i, ports: [{ containerPort: 8080 }] }] }
`;
const world = [
  workload('shop', 'web'),
  workload('shop', 'client'),
  workload('shop', 'stranger'),
  workload('other', 'neighbour'),
  `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`,
  `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }] }]
`,
];
const names = (documents: readonly string[], host: string, port = 80): readonly string[] =>
  defaultSources(createFacts(snapshotOfYaml(documents.join('---\n'))), { host, port }, 'shop').map(
    ({ ref }) => ref.name,
  );

test('who is let in asks, and nobody else', () => {
  for (const host of ['web', 'web.shop', 'web.shop.svc.cluster.local']) expect(names(world, host)).toEqual(['client']);
});

test('without policies the neighbours of the claim ask first, and never what is asked', () => {
  expect(names(world.slice(0, -1), 'web')).toEqual(['client', 'stranger', 'neighbour']);
});

test('nobody asks what is no Service of this cluster', () => {
  expect(names(world, 'example.com', 443)).toEqual([]);
  expect(names(world, '10.0.0.1')).toEqual([]);
});
