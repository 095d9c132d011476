/**
 * The slow, obvious evaluator: one packet at a time, straight from the specification, sharing no code with the
 * engine. Only for tests.
 */
import { BlockList, isIPv6 } from 'node:net';

/* oxlint-disable typescript/no-explicit-any -- objects as they stand in a manifest */
export type Manifest = Record<string, any>;

export interface Packet {
  /** A pod object, or an address outside. */
  readonly from: Manifest | string;
  readonly to: Manifest | string;
  readonly family: 4 | 6;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
}

export interface Cluster {
  readonly namespaces: readonly Manifest[];
  readonly pods: readonly Manifest[];
  readonly policies: readonly Manifest[];
}

/** Whether the cluster lets a packet through, whatever the API leaves open: the source may send it, and the destination may receive it. */
export function passes(cluster: Cluster, packet: Packet): boolean {
  return outcomes(cluster, packet).every((passed) => passed);
}

/** What may become of a packet. More than one where policies of one priority differ: any of them may come first. */
export function outcomes(cluster: Cluster, packet: Packet): readonly boolean[] {
  if (packet.from === packet.to) return [true];
  if (address(packet.from, packet.family) === undefined || address(packet.to, packet.family) === undefined)
    return [false];
  const sent = typeof packet.from === 'string' ? [true] : decisions(cluster, packet, 'egress');
  const received = typeof packet.to === 'string' ? [true] : decisions(cluster, packet, 'ingress');
  return [...new Set(sent.flatMap((one) => received.map((other) => one && other)))];
}

function decisions(cluster: Cluster, packet: Packet, direction: 'ingress' | 'egress'): readonly boolean[] {
  const subject = (direction === 'ingress' ? packet.to : packet.from) as Manifest;
  const other = direction === 'ingress' ? packet.from : packet.to;
  const found = new Set<boolean>();
  for (const tier of ['admin', 'namespace', 'baseline'] as const) {
    if (tier === 'namespace') {
      const isolating = cluster.policies.filter(
        (p) => p.kind === 'NetworkPolicy' && selects(p, subject) && typesOf(p).includes(direction),
      );
      if (isolating.length === 0) continue;
      found.add(
        isolating.some((p) =>
          (p.spec[direction] ?? []).some((rule: Manifest) => ruleMatches(cluster, p, rule, direction, other, packet)),
        ),
      );
      return [...found];
    }
    const said = firstMatches(cluster, packet, tier, direction, subject, other);
    if (said.includes('Allow') || said.includes('Accept')) found.add(true);
    if (said.includes('Deny')) found.add(false);
    if (said.length > 0 && !said.includes('Pass')) return [...found];
  }
  found.add(true);
  return [...found];
}

/** Actions of the first rules that match, one for each policy of the first priority at which any does. */
function firstMatches(
  cluster: Cluster,
  packet: Packet,
  tier: 'admin' | 'baseline',
  direction: 'ingress' | 'egress',
  subject: Manifest,
  other: Manifest | string,
): readonly string[] {
  const policies = cluster.policies.filter(
    (p) => tierOf(p) === tier && subjectMatches(cluster, p.spec.subject, subject),
  );
  const priority = (policy: Manifest): number => policy.spec.priority ?? 0;
  for (const turn of [...new Set(policies.map(priority))].sort((a, b) => a - b)) {
    const said = policies
      .filter((policy) => priority(policy) === turn)
      .flatMap((policy) => {
        const rule = (policy.spec[direction] ?? []).find((one: Manifest) => {
          const ports = one.ports ?? one.protocols;
          return (
            one[direction === 'ingress' ? 'from' : 'to'].some((peer: Manifest) =>
              adminPeerMatches(cluster, peer, other, packet.family),
            ) &&
            (ports === undefined || ports.some((port: Manifest) => adminPortMatches(port, packet)))
          );
        });
        return rule ? [rule.action as string] : [];
      });
    if (said.length > 0) return said;
  }
  return [];
}

function tierOf(policy: Manifest): 'admin' | 'baseline' | 'namespace' {
  if (policy.kind === 'AdminNetworkPolicy') return 'admin';
  if (policy.kind === 'BaselineAdminNetworkPolicy') return 'baseline';
  if (policy.kind === 'ClusterNetworkPolicy') return policy.spec.tier === 'Admin' ? 'admin' : 'baseline';
  return 'namespace';
}

export function typesOf(policy: Manifest): readonly string[] {
  const types = policy.spec.policyTypes ?? [];
  if (types.length > 0) return types.map((type: string) => type.toLowerCase());
  return (policy.spec.egress ?? []).length > 0 ? ['ingress', 'egress'] : ['ingress'];
}

export function selects(policy: Manifest, pod: Manifest): boolean {
  return (
    policy.metadata.namespace === pod.metadata.namespace && labelsMatch(policy.spec.podSelector, pod.metadata.labels)
  );
}

export function ruleMatches(
  cluster: Cluster,
  policy: Manifest,
  rule: Manifest,
  direction: string,
  other: Manifest | string,
  packet: Packet,
): boolean {
  const peers = rule[direction === 'ingress' ? 'from' : 'to'] ?? [];
  const ports = rule.ports ?? [];
  return (
    (peers.length === 0 || peers.some((peer: Manifest) => peerMatches(cluster, policy, peer, other, packet.family))) &&
    (ports.length === 0 || ports.some((port: Manifest) => portMatches(port, packet)))
  );
}

function peerMatches(
  cluster: Cluster,
  policy: Manifest,
  peer: Manifest,
  other: Manifest | string,
  family: 4 | 6,
): boolean {
  if (peer.ipBlock) {
    const ip = address(other, family) ?? '';
    return inside(peer.ipBlock.cidr, ip) && !(peer.ipBlock.except ?? []).some((hole: string) => inside(hole, ip));
  }
  if (typeof other === 'string') return false;
  const namespaceMatches = peer.namespaceSelector
    ? labelsMatch(peer.namespaceSelector, namespaceLabels(cluster, other))
    : other.metadata.namespace === policy.metadata.namespace;
  return namespaceMatches && labelsMatch(peer.podSelector, other.metadata.labels);
}

function portMatches(port: Manifest, packet: Packet): boolean {
  if ((port.protocol ?? 'TCP') !== packet.protocol) return false;
  if (port.port === undefined) return true;
  if (typeof port.port === 'string') return hasNamedPort(packet, port.port);
  return port.port <= packet.port && packet.port <= (port.endPort ?? port.port);
}

function hasNamedPort(packet: Packet, name: string): boolean {
  if (typeof packet.to === 'string') return false;
  return packet.to.spec.containers.some((container: Manifest) =>
    (container.ports ?? []).some(
      (port: Manifest) =>
        port.name === name && (port.protocol ?? 'TCP') === packet.protocol && port.containerPort === packet.port,
    ),
  );
}

function subjectMatches(cluster: Cluster, subject: Manifest, pod: Manifest): boolean {
  if (subject.namespaces) return labelsMatch(subject.namespaces, namespaceLabels(cluster, pod));
  return (
    labelsMatch(subject.pods.namespaceSelector, namespaceLabels(cluster, pod)) &&
    labelsMatch(subject.pods.podSelector, pod.metadata.labels)
  );
}

function adminPeerMatches(cluster: Cluster, peer: Manifest, other: Manifest | string, family: 4 | 6): boolean {
  if (peer.networks) return peer.networks.some((cidr: string) => inside(cidr, address(other, family) ?? ''));
  if (typeof other === 'string') return false;
  return subjectMatches(cluster, peer, other);
}

function adminPortMatches(port: Manifest, packet: Packet): boolean {
  const name = port.namedPort ?? port.destinationNamedPort;
  if (name !== undefined) return hasNamedPort(packet, name);
  if (port.portNumber)
    return (port.portNumber.protocol ?? 'TCP') === packet.protocol && port.portNumber.port === packet.port;
  if (port.portRange)
    return (
      (port.portRange.protocol ?? 'TCP') === packet.protocol &&
      port.portRange.start <= packet.port &&
      packet.port <= port.portRange.end
    );
  const wanted = port[packet.protocol.toLowerCase()];
  if (wanted === undefined) return false;
  if (wanted.destinationPort === undefined) return true;
  const { number, range } = wanted.destinationPort;
  return number === undefined ? range.start <= packet.port && packet.port <= range.end : number === packet.port;
}

export function namespaceLabels(cluster: Cluster, pod: Manifest): Record<string, string> {
  const found = cluster.namespaces.find((namespace) => namespace.metadata.name === pod.metadata.namespace);
  return { ...found?.metadata.labels, 'kubernetes.io/metadata.name': pod.metadata.namespace };
}

export function labelsMatch(selector: Manifest, labels: Record<string, string> = {}): boolean {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labels[key] !== value) return false;
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const value = labels[key];
    if (operator === 'In' && (value === undefined || !values.includes(value))) return false;
    if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false;
    if (operator === 'Exists' && value === undefined) return false;
    if (operator === 'DoesNotExist' && value !== undefined) return false;
  }
  return true;
}

export function address(peer: Manifest | string, family: 4 | 6): string | undefined {
  const all: string[] = typeof peer === 'string' ? [peer] : peer.status.podIPs.map(({ ip }: { ip: string }) => ip);
  return all.find((ip) => isIPv6(ip) === (family === 6));
}

export function inside(cidr: string, ip: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  if (ip === '' || isIPv6(network) !== isIPv6(ip)) return false;
  const type = isIPv6(ip) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), type);
  return list.check(ip, type);
}
