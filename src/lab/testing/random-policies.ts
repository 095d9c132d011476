import * as fc from 'fast-check';
import type { KubernetesObject } from '../../model/object.ts';
import { IPV4, IPV6 } from '../network/addresses.ts';
import { familyOf } from '../network/ip.ts';

/** Namespaces, labels, ports and names that random policies and the pods they meet share. */
export const NAMESPACES = ['a', 'b', 'c'] as const;
export const TCP_PORTS = [53, 80, 81, 443, 8080] as const;
/** Ports where pods answer UDP: a refusal over UDP is not sure to come back, an echo is. */
export const UDP_PORTS = [53, 8080] as const;
const KEYS = ['app', 'tier'] as const;
const VALUES = ['x', 'y', 'z'] as const;
const PORT_NAMES = ['http', 'dns'] as const;

/** Everything of one comparison that is not there yet when the pods are: labels and policies. */
export interface PolicySet {
  readonly namespaceLabels: readonly Readonly<Record<string, string>>[];
  readonly podLabels: readonly Readonly<Record<string, string>>[];
  readonly policies: readonly KubernetesObject[];
}

const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 });

const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);

const selector = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: labels.map((matchLabels) => ({ matchLabels })) },
  {
    weight: 2,
    arbitrary: fc.array(expression, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })),
  },
);

const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

/** Blocks that cut through the pods' addresses in every way, and some outside. */
function block(pods: readonly string[]): fc.Arbitrary<object> {
  const hosts = pods.map((address) => `${address}/${familyOf(address) === 'IPv6' ? 128 : 32}`);
  const [hosts4, hosts6] = [hosts.filter((host) => !host.includes(':')), hosts.filter((host) => host.includes(':'))];
  const blocks: readonly (readonly [cidr: string, except: readonly string[]])[] = [
    ['0.0.0.0/0', ['10.244.0.0/16', '10.244.1.0/24', '203.0.113.0/24', ...hosts4.slice(0, 2)]],
    ['10.244.0.0/16', ['10.244.1.0/24', '10.244.2.0/25', '10.244.2.0/30', ...hosts4.slice(0, 3)]],
    ['10.244.1.0/24', ['10.244.1.0/29', '10.244.1.4/30', '10.244.1.3/32']],
    ['10.244.2.0/30', []],
    [`${IPV4.outside}/32`, []],
    ['203.0.113.0/24', [`${IPV4.outside}/32`]],
    ['::/0', ['2001:db8::/32', 'fd00:10:244::/56', 'fd00:10:244:1::/64', ...hosts6.slice(0, 2)]],
    ...(hosts6.length === 0
      ? []
      : ([
          ['fd00:10:244::/56', ['fd00:10:244:1::/64', 'fd00:10:244:2::/126', ...hosts6.slice(0, 3)]],
          ['fd00:10:244:1::/64', ['fd00:10:244:1::/125', 'fd00:10:244:1::4/126', 'fd00:10:244:1::3/128']],
          ['fd00:10:244:2::/126', []],
          [`${IPV6.outside}/128`, []],
          ['2001:db8::/32', [`${IPV6.outside}/128`]],
        ] as const)),
    ...hosts.map((host) => [host, []] as const),
  ];
  return fc
    .constantFrom(...blocks)
    .chain(([cidr, holes]) =>
      fc.subarray([...holes]).map((except) => ({ ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) } })),
    );
}

const port = fc.oneof(
  fc.record(
    {
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      port: fc.constantFrom<number | string>(...TCP_PORTS, ...PORT_NAMES),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      protocol: fc.constantFrom('TCP', 'UDP'),
      port: fc.constantFrom(53, 80, 81),
      endPort: fc.constantFrom(81, 443, 9000),
    },
    { requiredKeys: ['port', 'endPort'] },
  ),
);

function rule(field: 'from' | 'to', peer: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.record(
    { [field]: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
}

type Unnamed = { readonly apiVersion: string; readonly kind: string; readonly spec: object };

function networkPolicy(pods: readonly string[]): fc.Arbitrary<Unnamed> {
  const peer = fc.oneof(
    selector.map((podSelector) => ({ podSelector })),
    namespaceSelector.map((inside) => ({ namespaceSelector: inside })),
    fc.tuple(namespaceSelector, selector).map(([inside, podSelector]) => ({ namespaceSelector: inside, podSelector })),
    block(pods),
  );
  return fc
    .record(
      {
        podSelector: selector,
        policyTypes: fc.subarray(['Ingress', 'Egress']),
        ingress: fc.array(rule('from', peer), { maxLength: 2 }),
        egress: fc.array(rule('to', peer), { maxLength: 2 }),
      },
      { requiredKeys: ['podSelector'] },
    )
    .map((spec) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec }));
}

/** Up to six policies over labels of namespaces and pods, given the addresses of each pod. */
export function policySets(pods: readonly (readonly string[])[]): fc.Arbitrary<PolicySet> {
  return fc.record({
    namespaceLabels: fc.tuple(labels, labels, labels),
    podLabels: fc.array(labels, { minLength: pods.length, maxLength: pods.length }),
    policies: fc
      .array(fc.tuple(networkPolicy(pods.flat()), fc.constantFrom(...NAMESPACES)), { minLength: 1, maxLength: 6 })
      .map((all) => all.map(([policy, namespace], i) => ({ ...policy, metadata: { name: `n${i}`, namespace } }))),
  });
}
