import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { analyseNetwork, PROFILE_NAMES } from './index.ts';

/*
 * Whatever stands in a policy, a pod or a Service: no crash, every answer with its reason, and a policy that can't be
 * read never opens what the cluster without it keeps closed.
 */

const POLICIES: readonly object[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    spec: {
      podSelector: { matchLabels: { app: 'db' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ podSelector: {} }, { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
          ports: [{ port: 80, endPort: 90 }],
        },
      ],
      egress: [
        {
          to: [{ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] } }],
          ports: [{ port: 'http' }],
        },
      ],
    },
  },
  {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    spec: {
      tier: 'Admin',
      priority: 3,
      subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'db' } } } },
      ingress: [
        {
          action: 'Deny',
          from: [{ namespaces: {} }],
          protocols: [{ tcp: { destinationPort: { range: { start: 1, end: 9 } } } }],
        },
      ],
      egress: [{ action: 'Accept', to: [{ networks: ['10.0.0.0/8'] }, { nodes: {} }, { domainNames: ['a.example'] }] }],
    },
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    spec: {
      selector: "app == 'db' || has(tier)",
      types: ['Ingress'],
      ingress: [
        {
          action: 'Allow',
          protocol: 'TCP',
          source: { nets: ['10.0.0.0/8'], notSelector: "x in {'y'}" },
          destination: { ports: [80, '1:9', 'http'] },
        },
      ],
    },
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    spec: {
      endpointSelector: { matchLabels: { app: 'db' } },
      ingress: [
        { fromEndpoints: [{}], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{}] } }] },
      ],
      egressDeny: [{ toEntities: ['world'] }, { toCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] }],
    },
  },
  {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    spec: {
      action: 'DENY',
      rules: [
        {
          from: [{ source: { principals: ['*'], notNamespaces: ['a*'] } }],
          to: [{ operation: { ports: ['80'], methods: ['GET'] } }],
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'db' },
      ports: [{ port: 80, targetPort: 'http' }],
      loadBalancerSourceRanges: ['10.0.0.0/8'],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'x', port: { number: 80 } } } }] } }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      hostNetwork: true,
      nodeName: 'n',
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 80 }] }],
    },
    status: { phase: 'Running', hostIP: '192.168.0.1', podIPs: [{ ip: '192.168.0.1' }, { ip: 'fd00::1' }] },
  },
];

const junk = fc.constantFrom<unknown>(
  null,
  0,
  -1,
  65_536,
  1.5,
  '',
  'x',
  '10.0.0.0/33',
  '::/0',
  '*',
  true,
  [],
  {},
  [null],
  [[]],
  { x: 1 },
  [{}],
  'a'.repeat(70),
);

/** Puts a value at one of the places of an object. */
function replaced(value: unknown, place: number, by: unknown): unknown {
  let count = 0;
  const walk = (node: unknown): unknown => {
    if (count++ === place) return by;
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
    return node;
  };
  return walk(value);
}

const pod = (name: string, ip: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'a', labels: { app: name } },
  spec: { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 80 }] }] },
  status: { phase: 'Running', podIPs: [{ ip }] },
});
const CLUSTER = [pod('db', '10.0.0.1'), pod('web', '10.0.0.2')];

const snapshotOf = (objects: readonly unknown[]): ReturnType<typeof createSnapshot> =>
  createSnapshot({
    source: { kind: 'files', description: 'a test' },
    resources: objects.map((object) => ({ object: object as KubernetesObject })),
  });

test('nothing in an object makes the analysis fail, and every answer has its reason', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.array(fc.tuple(fc.nat(40), junk), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...PROFILE_NAMES),
      (template, edits, profile) => {
        const { apiVersion, kind, ...rest } = template as KubernetesObject;
        const edited = edits.reduce<unknown>((value, [place, by]) => replaced(value, place + 1, by), rest);
        const object = { ...(edited as object), apiVersion, kind, metadata: { name: 'x', namespace: 'a' } };
        const analysis = analyseNetwork(snapshotOf([...CLUSTER, object]), { profile });
        analysis.connections();
        analysis.exposures();
        for (const port of [80, 22]) {
          const answer = analysis.query(
            { kind: 'workload', namespace: 'a', name: 'web' },
            { kind: 'workload', namespace: 'a', name: 'db' },
            { port },
          );
          expect(answer.because.length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a policy that can not be read opens nothing', () => {
  const closed = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: 'a' },
    spec: { podSelector: { matchLabels: { app: 'db' } } },
  };
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES.slice(0, 5)), fc.nat(40), junk, (template, place, by) => {
      const { apiVersion, kind, ...rest } = template as KubernetesObject;
      const object = {
        ...(replaced(rest, place + 1, by) as object),
        apiVersion,
        kind,
        metadata: { name: 'x', namespace: 'a' },
      };
      const analysis = analyseNetwork(snapshotOf([...CLUSTER, closed, object]));
      if (!analysis.policies.some(({ ref, invalid }) => invalid && ref.name === 'x')) return;
      expect(analysis.problems.length).toBeGreaterThan(0);
      const { verdict } = analysis.query(
        { kind: 'workload', namespace: 'a', name: 'web' },
        { kind: 'workload', namespace: 'a', name: 'db' },
        { port: 22 },
      );
      expect(verdict).not.toBe('allowed');
    }),
    { numRuns: 200 },
  );
});
