/** Random small clusters with policies of Calico or Cilium, and of Istio. Only for tests. */
import * as fc from 'fast-check';
import { BLOCKS, labels, NAMESPACES, networkPolicy, podArbitrary, PORTS, PROTOCOLS, selector } from './clusters.ts';
import type { Cluster, Manifest } from './packet.ts';

const atom = fc.oneof(
  fc.constantFrom("app == 'x'", "app != 'y'", "tier in {'x','z'}", "app not in {'x', 'y'}", 'has(tier)', 'all()'),
  fc.constantFrom("app contains 'x'", "tier starts with 'z'"),
);
const condition = fc.oneof(
  { weight: 3, arbitrary: atom },
  { weight: 1, arbitrary: atom.map((written) => `!${written}`) },
);
const expression = fc.oneof(
  condition,
  fc.tuple(condition, condition).map((parts) => parts.join(' && ')),
  fc.tuple(condition, condition).map((parts) => parts.join(' || ')),
);
const nets = fc.uniqueArray(fc.constantFrom(...BLOCKS.map(([cidr]) => cidr)), { minLength: 1, maxLength: 2 });

const entity: fc.Arbitrary<Manifest> = fc.record(
  { selector: expression, notSelector: expression, namespaceSelector: expression, nets, notNets: nets },
  { requiredKeys: [] },
);
const sparse = fc.oneof(
  entity,
  fc.constant({}),
  expression.map((written) => ({ selector: written })),
  nets.map((found) => ({ nets: found })),
);
const calicoPorts = fc.uniqueArray(fc.constantFrom<number | string>(80, 443, '53:80'), { minLength: 1, maxLength: 2 });

const calicoRule = (direction: 'ingress' | 'egress'): fc.Arbitrary<Manifest> =>
  fc
    .record(
      {
        action: fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'),
        far: sparse,
        protocol: fc.constantFrom(...PROTOCOLS),
        ports: calicoPorts,
        notPorts: calicoPorts,
      },
      { requiredKeys: ['action', 'far'] },
    )
    .map(({ action, far, protocol, ports, notPorts }) => {
      const written = protocol === undefined ? {} : { ...(ports ? { ports } : {}), ...(notPorts ? { notPorts } : {}) };
      const near = direction === 'egress' ? {} : { destination: written };
      return {
        action,
        ...(protocol === undefined ? {} : { protocol }),
        ...(direction === 'ingress' ? { source: far, ...near } : { destination: { ...far, ...written } }),
      };
    });

const calicoPolicy: fc.Arbitrary<Manifest> = fc
  .record({
    namespace: fc.constantFrom(undefined, ...NAMESPACES),
    spec: fc.record(
      {
        tier: fc.constantFrom('default', 'early', 'late'),
        order: fc.constantFrom(1, 5, 999.5, 2000),
        selector: expression,
        types: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }),
        ingress: fc.array(calicoRule('ingress'), { maxLength: 3 }),
        egress: fc.array(calicoRule('egress'), { maxLength: 3 }),
      },
      { requiredKeys: ['selector', 'types'] },
    ),
    namespaceSelector: fc.option(expression, { nil: undefined }),
  })
  .map(({ namespace, spec, namespaceSelector }) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: namespace === undefined ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
    metadata: namespace === undefined ? {} : { namespace },
    spec: { ...spec, ...(namespace === undefined && namespaceSelector !== undefined ? { namespaceSelector } : {}) },
  }));

const endpoint = fc
  .tuple(selector, fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }))
  .map(([found, namespace]) =>
    namespace === undefined
      ? found
      : { ...found, matchLabels: { ...found['matchLabels'], 'k8s:io.kubernetes.pod.namespace': namespace } },
  );
const cidrSet = fc
  .constantFrom(...BLOCKS)
  .chain(([cidr, holes]) =>
    fc.subarray([...holes]).map((except) => ({ cidr, ...(except.length > 0 ? { except } : {}) })),
  );
const toPorts = fc.array(
  fc.record({
    ports: fc.array(
      fc.record(
        { port: fc.constantFrom(...PORTS.map(String), '0'), protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', 'ANY') },
        { requiredKeys: ['port'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { minLength: 1, maxLength: 2 },
);
const ciliumRule = (prefix: 'from' | 'to'): fc.Arbitrary<Manifest> =>
  fc.record(
    {
      [`${prefix}Endpoints`]: fc.array(endpoint, { maxLength: 2 }),
      [`${prefix}CIDRSet`]: fc.array(cidrSet, { maxLength: 2 }),
      [`${prefix}Entities`]: fc.subarray(['world', 'all']),
      toPorts,
    },
    { requiredKeys: [] },
  );
const ciliumPolicy: fc.Arbitrary<Manifest> = fc
  .record({
    namespace: fc.constantFrom(undefined, ...NAMESPACES),
    spec: fc.record(
      {
        endpointSelector: selector,
        ingress: fc.array(ciliumRule('from'), { maxLength: 2 }),
        ingressDeny: fc.array(ciliumRule('from'), { maxLength: 1 }),
        egress: fc.array(ciliumRule('to'), { maxLength: 2 }),
        egressDeny: fc.array(ciliumRule('to'), { maxLength: 1 }),
        enableDefaultDeny: fc.record({ ingress: fc.boolean(), egress: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: ['endpointSelector'] },
    ),
  })
  .map(({ namespace, spec }) => ({
    apiVersion: 'cilium.io/v2',
    kind: namespace === undefined ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    metadata: namespace === undefined ? {} : { namespace },
    spec,
  }));

/** Istio refuses sources and operations that say nothing. */
const saysSomething = (one: object): boolean => Object.keys(one).length > 0;

const meshRule: fc.Arbitrary<Manifest> = fc.record(
  {
    from: fc.array(
      fc
        .record(
          {
            namespaces: fc.subarray([...NAMESPACES], { minLength: 1 }),
            notNamespaces: fc.subarray([...NAMESPACES], { minLength: 1 }),
            ipBlocks: nets,
          },
          { requiredKeys: [] },
        )
        .filter(saysSomething)
        .map((source) => ({ source })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      fc
        .record({ ports: fc.constantFrom(['80'], ['53', '443']), notPorts: fc.constant(['80']) }, { requiredKeys: [] })
        .filter(saysSomething)
        .map((operation) => ({ operation })),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const meshPolicy: fc.Arbitrary<Manifest> = fc
  .record({
    namespace: fc.constantFrom('a', 'b', 'istio-system'),
    spec: fc.record(
      {
        action: fc.constantFrom('ALLOW', 'DENY'),
        selector: labels.map((matchLabels) => ({ matchLabels })),
        rules: fc.array(meshRule, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ namespace, spec }) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { namespace },
    spec,
  }));

/** Kubernetes' own policies with those of one CNI, and of a mesh that some namespaces are in. */
export const extendedClusters: fc.Arbitrary<Cluster> = fc
  .record({
    namespaceLabels: fc.tuple(labels, labels, labels),
    mesh: fc.subarray([0, 1, 2]),
    pods: fc.array(podArbitrary, { minLength: 2, maxLength: 5 }),
    policies: fc.array(networkPolicy, { maxLength: 2 }),
    cni: fc.oneof(
      fc.array(calicoPolicy, { minLength: 1, maxLength: 4 }),
      fc.array(ciliumPolicy, { minLength: 1, maxLength: 4 }),
    ),
    authorization: fc.oneof(fc.constant([]), fc.array(meshPolicy, { maxLength: 3 })),
  })
  .map(({ namespaceLabels, mesh, pods, policies, cni, authorization }) => ({
    namespaces: [
      ...NAMESPACES.map((name, i) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name,
          labels: { ...namespaceLabels[i], ...(mesh.includes(i) ? { 'istio.io/dataplane-mode': 'ambient' } : {}) },
        },
      })),
      ...[['early', 10] as const, ['late', 2_000_000] as const].map(([name, order]) => ({
        apiVersion: 'projectcalico.org/v3',
        kind: 'Tier',
        metadata: { name },
        spec: { order },
      })),
    ],
    pods: pods.map(({ namespace, labels: own, ports, families }, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}`, namespace, labels: own },
      spec: { containers: [{ name: 'main', ports }] },
      status: {
        phase: 'Running',
        podIPs: families.map((family) => ({ ip: family === 4 ? `10.0.0.${i + 1}` : `2001:db8::${i + 1}` })),
      },
    })),
    policies: [...policies, ...cni, ...authorization].map((policy, i) => ({
      ...policy,
      metadata: { ...policy.metadata, name: `n${i}` },
    })),
  }));
