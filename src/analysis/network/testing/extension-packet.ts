/**
 * The slow, obvious evaluator of Calico's, Cilium's and Istio's policies: one packet at a time, sharing no code with
 * the engine. It reads what the generated clusters write, not the whole of the kinds. Only for tests.
 */
import {
  address,
  inside,
  labelsMatch,
  namespaceLabels,
  ruleMatches,
  selects,
  typesOf,
  type Cluster,
  type Manifest,
  type Packet,
} from './packet.ts';

type Direction = 'ingress' | 'egress';
type Decision = 'allow' | 'deny' | 'pass' | undefined;

export function isExtended(cluster: Cluster): boolean {
  return cluster.policies.some(({ apiVersion }) => /projectcalico|cilium|istio/.test(apiVersion));
}

/** Both ends must agree, and the mesh at the destination. */
export function passesExtended(cluster: Cluster, packet: Packet): boolean {
  if (address(packet.from, packet.family) === undefined || address(packet.to, packet.family) === undefined)
    return false;
  const network = cluster.policies.some(({ apiVersion }) => apiVersion.startsWith('cilium'))
    ? ciliumAllows
    : calicoAllows;
  return (
    (typeof packet.from === 'string' || network(cluster, packet, 'egress')) &&
    (typeof packet.to === 'string' || (network(cluster, packet, 'ingress') && meshAllows(cluster, packet)))
  );
}

function ends(packet: Packet, direction: Direction): readonly [subject: Manifest, other: Manifest | string] {
  return direction === 'ingress' ? [packet.to as Manifest, packet.from] : [packet.from as Manifest, packet.to];
}

// Calico: tiers in order, policies in order, rules in order.

function calicoAllows(cluster: Cluster, packet: Packet, direction: Direction): boolean {
  const [subject, other] = ends(packet, direction);
  const tiers = [
    { name: 'early', order: 10 },
    { name: 'default', order: 1_000_000 },
    { name: 'late', order: 2_000_000 },
  ];
  for (const tier of tiers) {
    const mine = cluster.policies
      .filter((p) =>
        p.kind === 'NetworkPolicy' && p.apiVersion.startsWith('networking')
          ? tier.name === 'default' && selects(p, subject) && typesOf(p).includes(direction)
          : /calico/.test(p.apiVersion) &&
            (p.spec.tier ?? 'default') === tier.name &&
            calicoSelects(cluster, p, subject) &&
            p.spec.types.map((t: string) => t.toLowerCase()).includes(direction),
      )
      .sort((a, b) => orderOf(a) - orderOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
    if (mine.length === 0) continue;
    let decision: Decision;
    for (const policy of mine) {
      for (const rule of policy.spec[direction] ?? []) {
        decision ??= policy.apiVersion.startsWith('networking')
          ? ruleMatches(cluster, policy, rule, direction, other, packet)
            ? 'allow'
            : undefined
          : calicoRule(cluster, policy, rule, direction, other, packet);
      }
    }
    if (decision === 'allow') return true;
    if (decision !== 'pass') return false;
  }
  return true;
}

function orderOf(policy: Manifest): number {
  return policy.apiVersion.startsWith('networking') ? 1000 : (policy.spec.order ?? Infinity);
}

function calicoSelects(cluster: Cluster, policy: Manifest, pod: Manifest): boolean {
  if (policy.kind === 'NetworkPolicy' && policy.metadata.namespace !== pod.metadata.namespace) return false;
  if (
    policy.spec.namespaceSelector !== undefined &&
    !holds(policy.spec.namespaceSelector, namespaceLabels(cluster, pod))
  )
    return false;
  return holds(policy.spec.selector, pod.metadata.labels ?? {});
}

function calicoRule(
  cluster: Cluster,
  policy: Manifest,
  rule: Manifest,
  direction: Direction,
  other: Manifest | string,
  packet: Packet,
): Decision {
  const entity = (direction === 'ingress' ? rule.source : rule.destination) ?? {};
  if (rule.protocol !== undefined && rule.protocol !== packet.protocol) return undefined;
  const ports = rule.destination?.ports;
  if (ports !== undefined && !ports.some((port: unknown) => portFits(port, packet))) return undefined;
  if (rule.destination?.notPorts?.some((port: unknown) => portFits(port, packet)) === true) return undefined;
  const ip = address(other, packet.family) ?? '';
  if (entity.nets !== undefined && !entity.nets.some((net: string) => inside(net, ip))) return undefined;
  if (entity.notNets?.some((net: string) => inside(net, ip)) === true) return undefined;
  const labels = typeof other === 'string' ? undefined : (other.metadata.labels ?? {});
  if (entity.notSelector !== undefined && labels !== undefined && holds(entity.notSelector, labels)) return undefined;
  if (entity.selector !== undefined || entity.namespaceSelector !== undefined) {
    if (typeof other === 'string' || labels === undefined) return undefined;
    if (entity.selector !== undefined && !holds(entity.selector, labels)) return undefined;
    if (entity.namespaceSelector !== undefined) {
      if (!holds(entity.namespaceSelector, namespaceLabels(cluster, other))) return undefined;
    } else if (policy.kind === 'NetworkPolicy' && other.metadata.namespace !== policy.metadata.namespace)
      return undefined;
  }
  return rule.action === 'Log' ? undefined : (rule.action.toLowerCase() as Decision);
}

function portFits(port: unknown, packet: Packet): boolean {
  const [from = 0, to = from] = String(port).split(':').map(Number);
  return from <= packet.port && packet.port <= to;
}

/** `a || b` of `c && d` of conditions, each maybe with `!` before it. */
function holds(selector: string, labels: Record<string, string>): boolean {
  return selector.split(' || ').some((any) =>
    any.split(' && ').every((written) => {
      const negated = written.startsWith('!');
      return condition(negated ? written.slice(1) : written, labels) !== negated;
    }),
  );
}

function condition(written: string, labels: Record<string, string>): boolean {
  if (written === 'all()') return true;
  const has = /^has\((.+)\)$/.exec(written);
  if (has) return labels[has[1] ?? ''] !== undefined;
  const [, key = '', operator, operand = ''] =
    /^(\S+) (==|!=|in|not in|contains|starts with) (.+)$/.exec(written) ?? [];
  const value = labels[key];
  const values = [...operand.matchAll(/'([^']*)'/g)].map((found) => found[1] ?? '');
  switch (operator) {
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case 'contains':
      return value?.includes(values[0] ?? '') === true;
    case 'starts with':
      return value?.startsWith(values[0] ?? '') === true;
    default:
      return value === undefined || !values.includes(value);
  }
}

// Cilium: any denial, then any allowance, else closed where some policy asks for default deny.

function ciliumAllows(cluster: Cluster, packet: Packet, direction: Direction): boolean {
  const [subject, other] = ends(packet, direction);
  const cilium = cluster.policies.filter(
    (p) =>
      p.apiVersion.startsWith('cilium') &&
      (p.kind !== 'CiliumNetworkPolicy' || p.metadata.namespace === subject.metadata.namespace) &&
      labelsMatch(p.spec.endpointSelector, subject.metadata.labels),
  );
  const own = cluster.policies.filter(
    (p) => p.kind === 'NetworkPolicy' && selects(p, subject) && typesOf(p).includes(direction),
  );
  const any = (section: string): boolean =>
    cilium.some((p) => (p.spec[section] ?? []).some((rule: Manifest) => ciliumRule(p, rule, direction, other, packet)));
  if (any(`${direction}Deny`)) return false;
  if (any(direction)) return true;
  if (
    own.some((p) =>
      (p.spec[direction] ?? []).some((rule: Manifest) => ruleMatches(cluster, p, rule, direction, other, packet)),
    )
  )
    return true;
  const closes = (p: Manifest): boolean =>
    p.spec.enableDefaultDeny?.[direction] ??
    [...(p.spec[direction] ?? []), ...(p.spec[`${direction}Deny`] ?? [])].length > 0;
  return own.length === 0 && !cilium.some(closes);
}

function ciliumRule(
  policy: Manifest,
  rule: Manifest,
  direction: Direction,
  other: Manifest | string,
  packet: Packet,
): boolean {
  const prefix = direction === 'ingress' ? 'from' : 'to';
  const [endpoints, sets, entities] = [rule[`${prefix}Endpoints`], rule[`${prefix}CIDRSet`], rule[`${prefix}Entities`]];
  if (rule.toPorts !== undefined) {
    const fits = rule.toPorts.some(({ ports }: Manifest) =>
      ports.some(
        (port: Manifest) =>
          ['ANY', packet.protocol].includes(port.protocol ?? 'ANY') &&
          (Number(port.port) === 0 ||
            (Number(port.port) <= packet.port && packet.port <= (port.endPort ?? Number(port.port)))),
      ),
    );
    if (!fits) return false;
  }
  if (endpoints === undefined && sets === undefined && entities === undefined) return rule.toPorts !== undefined;
  if (entities?.includes('all') === true || (entities?.includes('world') === true && typeof other === 'string'))
    return true;
  if (typeof other === 'string')
    return (sets ?? []).some(
      (set: Manifest) => inside(set.cidr, other) && !(set.except ?? []).some((hole: string) => inside(hole, other)),
    );
  return (endpoints ?? []).some((selector: Manifest) => {
    const { 'k8s:io.kubernetes.pod.namespace': namespace, ...rest } = selector.matchLabels ?? {};
    if (namespace !== undefined && namespace !== other.metadata.namespace) return false;
    if (
      namespace === undefined &&
      policy.kind === 'CiliumNetworkPolicy' &&
      policy.metadata.namespace !== other.metadata.namespace
    )
      return false;
    return labelsMatch({ ...selector, matchLabels: rest }, other.metadata.labels);
  });
}

// Istio: TCP only, where the destination is in the mesh: denials, then allowances where there is any ALLOW policy.

function inMesh(cluster: Cluster, peer: Manifest | string): boolean {
  return typeof peer !== 'string' && namespaceLabels(cluster, peer)['istio.io/dataplane-mode'] === 'ambient';
}

function meshAllows(cluster: Cluster, packet: Packet): boolean {
  const to = packet.to as Manifest;
  if (packet.protocol !== 'TCP' || !inMesh(cluster, to)) return true;
  const mine = cluster.policies.filter(
    (p) =>
      p.kind === 'AuthorizationPolicy' &&
      [to.metadata.namespace, 'istio-system'].includes(p.metadata.namespace) &&
      labelsMatch(p.spec.selector, to.metadata.labels),
  );
  const any = (action: string): boolean =>
    mine.some(
      (p) =>
        (p.spec.action ?? 'ALLOW') === action &&
        (p.spec.rules ?? []).some((rule: Manifest) => meshRule(cluster, rule, packet)),
    );
  if (any('DENY')) return false;
  return any('ALLOW') || !mine.some((p) => (p.spec.action ?? 'ALLOW') === 'ALLOW');
}

function meshRule(cluster: Cluster, rule: Manifest, packet: Packet): boolean {
  const { from } = packet;
  const namespace = inMesh(cluster, from) ? (from as Manifest).metadata.namespace : undefined;
  const sources = rule.from?.map(({ source }: Manifest) => source);
  const operations = rule.to?.map(({ operation }: Manifest) => operation);
  const fromFits = (source: Manifest): boolean =>
    (source.namespaces === undefined || source.namespaces.includes(namespace)) &&
    source.notNamespaces?.includes(namespace) !== true &&
    (source.ipBlocks === undefined ||
      source.ipBlocks.some((block: string) => inside(block, address(from, packet.family) ?? '')));
  const portsFit = (operation: Manifest): boolean =>
    (operation.ports === undefined || operation.ports.includes(String(packet.port))) &&
    operation.notPorts?.includes(String(packet.port)) !== true;
  return (sources === undefined || sources.some(fromFits)) && (operations === undefined || operations.some(portsFit));
}
