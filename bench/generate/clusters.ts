import type { KubernetesObject } from '../../src/model/object.ts';

/** What makes a cluster hard for the analysis. */
export type Shape = 'drawn' | 'labels' | 'networks' | 'ports' | 'tiers';

const APPS_OF = 13;

/**
 * A cluster of a shape, the same for the same numbers. `drawn`: apps of about 13 pods in namespaces of 200, 60 of 100 peers by labels and 40 by
 * networks, a quarter of the policies without effect. `tiers`: the same with a ClusterNetworkPolicy for everybody that accepts from one namespace
 * and denies another. `labels`: every pod has a label of its own that policies select by. `networks`: every policy names networks with excepts.
 * `ports`: every port is a range of its own.
 */
export function generatedCluster(shape: Shape, pods: number, policies: number): readonly KubernetesObject[] {
  const namespaceOf = (app: number): string => `ns-${app % Math.max(1, Math.round(pods / 200))}`;
  const apps = Math.max(1, Math.round(pods / APPS_OF));
  const objects: KubernetesObject[] = [];
  for (let i = 0; i < pods; i++) {
    const app = i % apps;
    objects.push({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `app-${app}-${i}`,
        namespace: namespaceOf(app),
        labels: { app: `app-${app}`, tier: `tier-${app % 6}`, ...(shape === 'labels' ? { uid: `u${i}` } : {}) },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `app-${app}`, uid: `uid-${app}`, controller: true },
        ],
      },
      spec: {
        nodeName: `node-${i % 1000}`,
        containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8080 }] }],
      },
      status: { phase: 'Running', podIPs: [{ ip: `10.${128 + ((i >> 16) & 127)}.${(i >> 8) & 255}.${i & 255}` }] },
    });
  }
  for (let i = 0; i < policies; i++) {
    const app = (i * 7) % apps;
    const selected = i % 4 === 0 ? `retired-${i}` : `app-${app}`;
    const podSelector =
      shape === 'labels' ? { matchLabels: { uid: `u${(i * 11) % pods}` } } : { matchLabels: { app: selected } };
    const rule = { from: [peerOf(shape, i, pods, apps, namespaceOf)], ports: [portOf(shape, i)] };
    objects.push({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `np-${i}`, namespace: namespaceOf(app) },
      spec:
        i % 2 === 0
          ? { podSelector, policyTypes: ['Ingress'], ingress: [rule] }
          : { podSelector, policyTypes: ['Egress'], egress: [{ to: rule.from, ports: rule.ports }] },
    });
  }
  if (shape === 'tiers') objects.push(tierPolicy(namespaceOf(0), namespaceOf(1)));
  return objects;
}

function tierPolicy(trusted: string, barred: string): KubernetesObject {
  const from = (name: string): object[] => [{ namespaces: { matchLabels: { 'kubernetes.io/metadata.name': name } } }];
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: 'tier' },
    spec: {
      tier: 'Admin',
      priority: 1,
      subject: { namespaces: {} },
      ingress: [
        { action: 'Accept', from: from(trusted) },
        { action: 'Deny', from: from(barred) },
      ],
      egress: [{ action: 'Deny', to: from(barred) }],
    },
  };
}

function peerOf(shape: Shape, i: number, pods: number, apps: number, namespaceOf: (app: number) => string): object {
  if (shape === 'labels')
    return { podSelector: { matchExpressions: [{ key: 'uid', operator: 'NotIn', values: [`u${(i * 13) % pods}`] }] } };
  if (shape === 'networks') {
    const second = (i >> 8) & 127;
    if (i % 10 === 0)
      return { ipBlock: { cidr: '0.0.0.0/0', except: [`10.${second}.${i & 255}.0/24`, '172.16.0.0/12'] } };
    return { ipBlock: { cidr: `10.${second}.0.0/16`, except: [`10.${second}.${i & 255}.0/24`] } };
  }
  if (i % 5 < 2) return { ipBlock: { cidr: `10.${i & 127}.${(i >> 7) & 255}.0/24` } };
  const other = (i * 3) % apps;
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespaceOf(other) } },
    podSelector: { matchLabels: i % 3 === 0 ? { tier: `tier-${i % 6}` } : { app: `app-${other}` } },
  };
}

function portOf(shape: Shape, i: number): object {
  if (shape === 'ports') return { port: 1 + ((i * 3) % 60_000), endPort: 1 + ((i * 3) % 60_000) + (i % 500) };
  return i % 4 === 0 ? { port: 'http' } : { port: 8080 + (i % 8) };
}
