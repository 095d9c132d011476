import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot } from '../../../model/snapshot.ts';
import { analyseNetwork } from '../index.ts';
import { LINTS, runLints } from './index.ts';

const policy = (spec: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec,
});
const clusterPolicy = (name: string, priority: number): object => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier: 'Admin', priority, subject: { namespaces: {} } },
});
const pod = (spec: object = {}, ips = ['10.0.0.1']): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', ports: [{ containerPort: 8080, name: 'http' }] }], ...spec },
  status: { podIPs: ips.map((ip) => ({ ip })) },
});
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};

/** For each lint: objects on which it fires, and a near miss on which it doesn't. */
const CASES: Readonly<Record<string, readonly [fires: readonly object[], nearMiss: readonly object[]]>> = {
  'open-to-everyone': [
    [pod(), policy({ ingress: [{}] })],
    [pod(), policy({ ingress: [{ from: [{ namespaceSelector: {} }] }] })],
  ],
  'metadata-address-open': [
    [pod(), policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    [pod(), policy({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }] })],
  ],
  'service-port': [
    [pod(), service, policy({ ingress: [{ ports: [{ port: 80 }] }] })],
    [pod(), service, policy({ ingress: [{ ports: [{ port: 8080 }] }] })],
  ],
  'selects-nothing': [
    [pod(), policy({ podSelector: { matchLabels: { app: 'wbe' } } })],
    [pod(), policy({ podSelector: { matchLabels: { app: 'web' } } })],
  ],
  'dns-forgotten': [
    [pod(), policy({ egress: [{ ports: [{ port: 443 }] }] })],
    [pod(), policy({ egress: [{ ports: [{ port: 443 }, { port: 53, protocol: 'UDP' }] }] })],
  ],
  'named-port-missing': [
    [pod(), policy({ ingress: [{ ports: [{ port: 'https' }] }] })],
    [pod(), policy({ ingress: [{ ports: [{ port: 'http' }] }] })],
  ],
  'host-network-inert': [
    [pod({ hostNetwork: true }), policy({})],
    [pod(), policy({})],
  ],
  'one-family-only': [
    [pod({}, ['10.0.0.1', '2001:db8::1']), policy({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    [pod(), policy({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
  ],
  'equal-priority': [
    [clusterPolicy('a', 5), clusterPolicy('b', 5)],
    [clusterPolicy('a', 5), clusterPolicy('b', 6)],
  ],
  'peer-matches-nothing': [
    [pod(), policy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'gone' } } }] }] })],
    [pod(), policy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }] })],
  ],
};

function firing(objects: readonly object[]): readonly string[] {
  const snapshot = createSnapshot({
    source: { kind: 'files', description: 'test' },
    resources: objects.map((object) => ({ object: object as KubernetesObject })),
  });
  return runLints(LINTS, { snapshot, analysis: analyseNetwork(snapshot) }).map(({ lint }) => lint);
}

test.each(LINTS)('$id fires on its case and not on the near miss', ({ id }) => {
  const [fires, nearMiss] = CASES[id]!;
  expect(firing(fires)).toContain(id);
  expect(firing(nearMiss)).not.toContain(id);
});
