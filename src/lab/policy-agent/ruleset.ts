import { podInterface } from '../network/pod-interface.ts';
import {
  podsOfPeer,
  selects,
  type Namespace,
  type IpBlock,
  type Pod,
  type Policy,
  type PolicyPort,
  type Rule,
} from './policy.ts';

export interface RulesetSources {
  readonly node: string;
  readonly pods: readonly Pod[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly policies: readonly Policy[];
}

const TABLE = 'inet seaworthy_policy';

/**
 * The nftables ruleset that enforces the policies on one node, at each of its pods' own interfaces. It replaces the
 * table in one transaction.
 *
 * Replies pass. Every packet of whoever opened the connection, first or not, goes through its sender's egress chain
 * and then its receiver's ingress chain, after Services have been translated to endpoints: a new policy also ends
 * connections that were open before it. Refused packets are dropped without a word.
 */
export function ruleset(sources: RulesetSources): string {
  const local = sources.pods.filter((pod) => pod.node === sources.node && !pod.hostNetwork);
  const isolated = local.map((pod) => ({
    pod,
    ingress: sources.policies.filter((policy) => policy.ingress !== undefined && isFor(policy, pod)),
    egress: sources.policies.filter((policy) => policy.egress !== undefined && isFor(policy, pod)),
  }));
  const chains: string[] = [];
  const dispatch: Record<'ingress' | 'egress', string[]> = { ingress: [], egress: [] };
  for (const { pod, ...policies } of isolated) {
    for (const direction of ['ingress', 'egress'] as const) {
      if (policies[direction].length === 0) continue;
      const device = podInterface(pod.uid);
      const chain = `${direction}-${device}`;
      dispatch[direction].push(`"${device}" : jump ${chain}`);
      const lines = policies[direction].flatMap((policy) =>
        (policy[direction] ?? []).flatMap((rule) => ruleLines(rule, policy, direction, pod, sources)),
      );
      // A pod may always talk to itself, also through a Service.
      const self = podLines([pod], direction, 'return');
      const comment = policies[direction].map((policy) => `${policy.namespace}/${policy.name}`).join(' ');
      chains.push(chainText(chain, [`# ${pod.namespace}/${pod.name}: ${comment}`, ...self, ...lines, 'counter drop']));
    }
  }
  return `table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
${chains.join('\n')}
${chainText('egress-pods', dispatch.egress.length === 0 ? [] : [`iifname vmap { ${dispatch.egress.join(', ')} }`])}
${chainText('ingress-pods', dispatch.ingress.length === 0 ? [] : [`oifname vmap { ${dispatch.ingress.join(', ')} }`])}
${chainText('forward', [
  'type filter hook forward priority filter; policy accept;',
  // The reply direction of a connection belongs to whoever was allowed to open it.
  'ct direction reply ct state established,related return',
  'ct state related return',
  'jump egress-pods',
  'jump ingress-pods',
])}
${chainText('input', [
  'type filter hook input priority filter; policy accept;',
  'ct direction reply ct state established,related return',
  // What a pod tells its node of where it is, no policy is about: without it no IPv6 packet finds the pod.
  'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } return',
  'jump egress-pods',
])}
}
`;
}

function isFor(policy: Policy, pod: Pod): boolean {
  return policy.namespace === pod.namespace && selects(policy.podSelector, pod.labels);
}

function chainText(name: string, lines: readonly string[]): string {
  return [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');
}

/** One rule: every combination of a peer and a port returns, that is, passes this direction. */
function ruleLines(
  rule: Rule,
  policy: Policy,
  direction: 'ingress' | 'egress',
  pod: Pod,
  sources: RulesetSources,
): readonly string[] {
  const everyPod = sources.pods.filter((other) => !other.hostNetwork);
  if (rule.peers.length === 0) return addressLines('', rule.ports, everyPod, direction, pod);
  const selected = new Map(
    rule.peers
      .flatMap((peer) => podsOfPeer(peer, policy.namespace, sources.pods, sources.namespaces))
      .map((other) => [other.uid, other]),
  );
  const blockLines = rule.peers.flatMap(({ ipBlock }) => {
    if (!ipBlock) return [];
    // Only addresses of the block's own family can be in it.
    const inFamily = everyPod.map((other) => ({
      ...other,
      addresses: other.addresses.filter((address) => isIPv6(address) === isIPv6(ipBlock.cidr)),
    }));
    return addressLines(blockMatch(ipBlock, direction), rule.ports, inFamily, direction, pod);
  });
  const others = [...selected.values()];
  if (others.length === 0) return blockLines;
  if (rule.ports.length === 0) return [...blockLines, ...podLines(others, direction, 'return')];
  return [...blockLines, ...peerPods(rule.ports, others, direction, pod)];
}

/**
 * Lines for everybody an address match stands for. A named port of egress means what each pod among them calls so; of
 * ingress, what the pod itself does.
 */
function addressLines(
  address: string,
  ports: readonly PolicyPort[],
  everyPod: readonly Pod[],
  direction: 'ingress' | 'egress',
  pod: Pod,
): readonly string[] {
  if (ports.length === 0) return [line(address, 'return')];
  const named = direction === 'egress' ? ports.filter((port) => typeof port.port === 'string') : [];
  return [
    ...portMatches(ports, undefined, direction, pod).map((match) => line(address, match, 'return')),
    ...(named.length === 0 ? [] : peerPods(named, everyPod, direction, pod).map((match) => line(address, match))),
  ];
}

function line(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(' ');
}

/** Lines for selected pods and given ports. Named egress ports differ from pod to pod. */
function peerPods(
  ports: readonly PolicyPort[],
  others: readonly Pod[],
  direction: 'ingress' | 'egress',
  pod: Pod,
): readonly string[] {
  const named = direction === 'egress' ? ports.filter((port) => typeof port.port === 'string') : [];
  const plain = ports.filter((port) => !named.includes(port));
  return [
    ...portMatches(plain, undefined, direction, pod).flatMap((match) => podLines(others, direction, match, 'return')),
    ...others.flatMap((other) =>
      portMatches(named, other, direction, pod).flatMap((match) => podLines([other], direction, match, 'return')),
    ),
  ];
}

/** Lines with these matches for the addresses of pods: one for each family in which there are any. */
function podLines(
  pods: readonly Pod[],
  direction: 'ingress' | 'egress',
  ...matches: readonly string[]
): readonly string[] {
  const addresses = [...new Set(pods.flatMap((pod) => pod.addresses))].sort();
  return [...Map.groupBy(addresses, (address) => peerField(address, direction))].map(([field, some]) =>
    line(field, some.length === 1 ? (some[0] ?? '') : `{ ${some.join(', ')} }`, ...matches),
  );
}

/** Where a packet carries the address of whoever is at the other end: `ip saddr`, `ip6 daddr`. */
function peerField(address: string, direction: 'ingress' | 'egress'): string {
  return `${isIPv6(address) ? 'ip6' : 'ip'} ${direction === 'ingress' ? 'saddr' : 'daddr'}`;
}

/** A block is of one family and says nothing of the other. */
function blockMatch({ cidr, except = [] }: IpBlock, direction: 'ingress' | 'egress'): string {
  const field = peerField(cidr, direction);
  const inside = cidr.endsWith('/0') ? '' : `${field} ${cidr}`;
  const outside = except.length === 0 ? '' : `${field} != { ${except.join(', ')} }`;
  return [inside, outside].filter(Boolean).join(' ') || `meta nfproto ${isIPv6(cidr) ? 'ipv6' : 'ipv4'}`;
}

/** Of an address or a block. */
function isIPv6(written: string): boolean {
  return written.includes(':');
}

/** Matches for the ports; a name is looked up on the receiving pod, and matches nothing where the pod has no such port. */
function portMatches(
  ports: readonly PolicyPort[],
  destination: Pod | undefined,
  direction: 'ingress' | 'egress',
  pod: Pod,
): readonly string[] {
  return ports.flatMap(({ protocol = 'TCP', port, endPort }): readonly string[] => {
    const name = protocol.toLowerCase();
    if (port === undefined) return [`meta l4proto ${name}`];
    if (typeof port === 'number') return [`${name} dport ${endPort === undefined ? port : `${port}-${endPort}`}`];
    const receiver = direction === 'ingress' ? pod : destination;
    return (receiver?.ports ?? [])
      .filter((candidate) => candidate.name === port && candidate.protocol === protocol)
      .map((candidate) => `${name} dport ${candidate.port}`);
  });
}
