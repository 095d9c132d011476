/** Random small clusters, dense in the cases that are easy to get wrong. Only for tests. */
import * as fc from 'fast-check';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import type { Cluster, Manifest } from './packet.ts';

export const NAMESPACES = ['a', 'b', 'c'] as const;
const KEYS = ['app', 'tier'] as const;
const VALUES = ['x', 'y', 'z'] as const;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const PORTS = [53, 80, 81, 443, 8080] as const;
const NAMES = ['http', 'dns'] as const;
/** Addresses and networks that overlap each other in every way. */
export const OUTSIDE = ['10.0.0.77', '10.0.1.1', '192.0.2.7', '8.8.8.8', '2001:db8::77', '2001:db8:1::1'] as const;
export const BLOCKS: readonly (readonly [cidr: string, except: readonly string[]])[] = [
  ['0.0.0.0/0', ['10.0.0.0/8', '192.0.2.0/24', '10.0.0.0/30']],
  ['10.0.0.0/8', ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.2/32']],
  ['10.0.0.0/29', ['10.0.0.0/30', '10.0.0.2/32']],
  ['10.0.0.2/32', []],
  ['8.8.8.8/32', []],
  ['::/0', ['2001:db8::/32', '2001:db8::/126']],
  ['2001:db8::/64', ['2001:db8::/126', '2001:db8::2/128']],
];

export const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 });

const expression: fc.Arbitrary<Manifest> = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

export const selector: fc.Arbitrary<Manifest> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: labels.map((matchLabels) => ({ matchLabels })) },
  {
    weight: 2,
    arbitrary: fc.array(expression, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })),
  },
);

const namespaceSelector: fc.Arbitrary<Manifest> = fc.oneof(
  selector,
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

const block = fc
  .constantFrom(...BLOCKS)
  .chain(([cidr, holes]) =>
    fc.subarray([...holes]).map((except) => ({ ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) } })),
  );

const peer: fc.Arbitrary<Manifest> = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  namespaceSelector.map((inside) => ({ namespaceSelector: inside })),
  fc.tuple(namespaceSelector, selector).map(([inside, podSelector]) => ({ namespaceSelector: inside, podSelector })),
  block,
);

const port: fc.Arbitrary<Manifest> = fc.oneof(
  fc.record(
    { protocol: fc.constantFrom(...PROTOCOLS), port: fc.constantFrom(...PORTS, ...NAMES) },
    { requiredKeys: [] },
  ),
  fc.constant({ port: 80, endPort: 443 }),
);

const rule = (field: 'from' | 'to'): fc.Arbitrary<Manifest> =>
  fc.record(
    { [field]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );

export const networkPolicy: fc.Arbitrary<Manifest> = fc
  .record(
    {
      podSelector: selector,
      policyTypes: fc.subarray(['Ingress', 'Egress']),
      ingress: fc.array(rule('from'), { maxLength: 2 }),
      egress: fc.array(rule('to'), { maxLength: 2 }),
    },
    { requiredKeys: ['podSelector'] },
  )
  .chain((spec) =>
    fc.constantFrom(...NAMESPACES).map((namespace) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace },
      spec,
    })),
  );

const podsPeer = fc.oneof(
  namespaceSelector.map((namespaces) => ({ namespaces })),
  fc.record({ namespaceSelector, podSelector: selector }).map((pods) => ({ pods })),
);
const networks = fc
  .uniqueArray(fc.constantFrom(...BLOCKS.map(([cidr]) => cidr)), { minLength: 1, maxLength: 2 })
  .map((list) => ({ networks: list }));
const range = fc.constant({ start: 80, end: 443 });

const adminPort: fc.Arbitrary<Manifest> = fc.oneof(
  fc
    .record({ protocol: fc.constantFrom(...PROTOCOLS), port: fc.constantFrom(...PORTS) })
    .map((portNumber) => ({ portNumber })),
  fc.tuple(fc.constantFrom(...PROTOCOLS), range).map(([protocol, found]) => ({ portRange: { protocol, ...found } })),
  fc.constantFrom(...NAMES).map((namedPort) => ({ namedPort })),
);
const protocolEntry: fc.Arbitrary<Manifest> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('tcp', 'udp', 'sctp'),
      fc.oneof(
        fc.constant({ destinationPort: { range: { start: 1, end: 65_535 } } }),
        fc.constantFrom(...PORTS).map((number) => ({ destinationPort: { number } })),
        range.map((found) => ({ destinationPort: { range: found } })),
      ),
    )
    .map(([protocol, value]) => ({ [protocol]: value })),
  fc.constantFrom(...NAMES).map((destinationNamedPort) => ({ destinationNamedPort })),
);

const adminRule = (
  direction: 'ingress' | 'egress',
  actions: readonly string[],
  portsField: string,
  ports: fc.Arbitrary<Manifest>,
): fc.Arbitrary<Manifest> => {
  const field = direction === 'ingress' ? 'from' : 'to';
  const rules: fc.Arbitrary<Manifest> = fc.record(
    {
      action: fc.constantFrom(...actions),
      [field]: fc.array(direction === 'ingress' ? podsPeer : fc.oneof(podsPeer, networks), {
        minLength: 1,
        maxLength: 2,
      }),
      [portsField]: fc.array(ports, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ['action', field] },
  );
  return rules.filter((rule) => !(namesNetworks(rule[field]) && namesPorts(rule[portsField])));
};

const namesNetworks = (peers: Manifest): boolean => peers.some((one: Manifest) => one.networks !== undefined);
const namesPorts = (ports: Manifest | undefined): boolean =>
  (ports ?? []).some((one: Manifest) => (one.namedPort ?? one.destinationNamedPort) !== undefined);

const adminPolicy = (
  kind: string,
  actions: readonly string[],
  extra: fc.Arbitrary<object>,
  portsField: string,
  ports: fc.Arbitrary<Manifest>,
): fc.Arbitrary<Manifest> =>
  fc
    .record({
      subject: podsPeer,
      ingress: fc.array(adminRule('ingress', actions, portsField, ports), { maxLength: 3 }),
      egress: fc.array(adminRule('egress', actions, portsField, ports), { maxLength: 3 }),
    })
    .chain((spec) =>
      extra.map((more) => ({
        apiVersion: `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`,
        kind,
        metadata: {},
        spec: { ...spec, ...more },
      })),
    );

const priority = fc.integer({ min: 0, max: 3 });
const adminPolicies = fc.oneof(
  adminPolicy(
    'ClusterNetworkPolicy',
    ['Accept', 'Deny', 'Pass'],
    fc.record({ tier: fc.constantFrom('Admin', 'Baseline'), priority }),
    'protocols',
    protocolEntry,
  ),
  adminPolicy('AdminNetworkPolicy', ['Allow', 'Deny', 'Pass'], fc.record({ priority }), 'ports', adminPort),
  adminPolicy('BaselineAdminNetworkPolicy', ['Allow', 'Deny'], fc.constant({}), 'ports', adminPort),
);

/** A policy of the same priority that says something else of the same peers. */
function contradicting(policy: Manifest): Manifest {
  const other = (action: string): string =>
    action === 'Deny' && policy.kind !== 'BaselineAdminNetworkPolicy' ? 'Pass' : 'Deny';
  const turned = (rules: Manifest[]): Manifest[] => rules.map((rule) => ({ ...rule, action: other(rule.action) }));
  const { spec } = policy;
  return { ...policy, spec: { ...spec, ingress: turned(spec.ingress), egress: turned(spec.egress) } };
}

const containerPorts = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom(...NAMES),
      protocol: fc.constantFrom(...PROTOCOLS),
      containerPort: fc.constantFrom(...PORTS),
    },
    { requiredKeys: ['containerPort'] },
  ),
  { maxLength: 2, selector: (found) => `${found.name}${found.protocol}` },
);

export const podArbitrary = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  labels,
  ports: containerPorts,
  families: fc.constantFrom<readonly (4 | 6)[]>([4], [4], [4, 6], [6]),
});

/** A cluster with every pod on its own, so that workloads and pods are the same. */
export const clusters: fc.Arbitrary<Cluster> = fc
  .record({
    namespaceLabels: fc.tuple(labels, labels, labels),
    pods: fc.array(podArbitrary, { minLength: 2, maxLength: 5 }),
    policies: fc.array(networkPolicy, { maxLength: 4 }),
    admin: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(adminPolicies, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: adminPolicies.map((policy) => [policy, contradicting(policy)]) },
    ),
  })
  .map(({ namespaceLabels, pods, policies, admin }) => ({
    // One namespace has no object: it is only mentioned.
    namespaces: NAMESPACES.slice(0, 2).map((name, i) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: namespaceLabels[i] },
    })),
    pods: pods.map(({ namespace, labels: own, ports, families }, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}`, namespace, labels: own },
      spec: { containers: [{ name: 'main', ports }] },
      status: {
        podIPs: families.map((family) => ({ ip: family === 4 ? `10.0.0.${i + 1}` : `2001:db8::${i + 1}` })),
      },
    })),
    policies: [...policies, ...admin].map((policy, i) => ({
      ...policy,
      metadata: { ...policy.metadata, name: policy.kind === 'BaselineAdminNetworkPolicy' ? 'default' : `n${i}` },
    })),
  }))
  .map((cluster) => ({
    ...cluster,
    policies: cluster.policies.filter(
      (policy, i, all) =>
        policy.metadata.name !== 'default' || all.findIndex((other) => other.metadata.name === 'default') === i,
    ),
  }));

export function snapshotOf(cluster: Cluster): Snapshot {
  return createSnapshot({
    source: { kind: 'files', description: 'test' },
    resources: [...cluster.namespaces, ...cluster.pods, ...cluster.policies].map((object) => ({
      object: object as KubernetesObject,
    })),
  });
}

export { PORTS, PROTOCOLS };
