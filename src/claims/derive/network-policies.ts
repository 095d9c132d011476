import { parseCidr, subtractRanges } from '../../analysis/network/addresses/ip.ts';
import type { NetworkWorkload } from '../../analysis/network/index.ts';
import type { Direction, Policy } from '../../analysis/network/policies/policy.ts';
import { cidrsOf } from '../kinds/address-blocks.ts';
import { at, isRecord, list, record, records, strings, text } from '../../model/json.ts';
import { matches } from '../../model/selectors.ts';
import type { Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import type { ReachSpec } from '../schema/reach.ts';
import type { EndpointSpec, LabelSelectorSpec, PortSpec } from '../schema/selection.ts';
import { derived, nameOf, type Derivation } from './derivation.ts';

/** Pods that a set of policies isolates say who may talk to them: whoever those policies name, and nobody else. */
export const networkPolicies: Derivation = {
  id: 'network-policies',
  from: 'NetworkPolicy.networking.k8s.io',
  title:
    'Isolated pods are reached by nobody but those their policies name, and reach the internet only where a policy says so',
  derive: (facts) => [
    ...groupsOf(facts, 'ingress').flatMap(ingressClaims),
    ...groupsOf(facts, 'egress').flatMap(egressClaims),
  ],
};

/** Workloads of one namespace that the same policies isolate in one direction. */
interface Group {
  readonly namespace: string;
  /** How many workloads each policy selects. */
  readonly selected: ReadonlyMap<Policy, number>;
  readonly policies: readonly Policy[];
  readonly workloads: readonly NetworkWorkload[];
}

function groupsOf({ network }: Facts, direction: Direction): readonly Group[] {
  const isolating = network.policies.filter(
    ({ tier, invalid, isolates }) => tier === 'namespace' && !invalid && isolates[direction],
  );
  const selected = new Map<Policy, number>();
  const groups = new Map<string, Group & { workloads: NetworkWorkload[] }>();
  for (const workload of network.workloads) {
    const policies = isolating.filter(
      ({ ref, subject }) =>
        ref.namespace === workload.namespace && workload.endpoints.some(({ labels }) => matches(subject.pods, labels)),
    );
    if (policies.length === 0) continue;
    for (const policy of policies) selected.set(policy, (selected.get(policy) ?? 0) + 1);
    const key = `${workload.namespace} ${policies.map(({ ref }) => ref.name).join(' ')}`;
    const known = groups.get(key);
    if (known) known.workloads.push(workload);
    else groups.set(key, { namespace: workload.namespace, selected, policies, workloads: [workload] });
  }
  return [...groups.values()];
}

/** Who a rule lets in; `everybody` leaves nothing to claim. */
interface Opening {
  readonly peers: readonly EndpointSpec[] | 'everybody';
  readonly ports: readonly PortSpec[] | undefined;
}

function ingressClaims(group: Group): readonly Claim[] {
  const openings = group.policies.flatMap((policy) => openingsOf(policy, 'ingress'));
  const head = { namespace: group.namespace, severity: 'high' as const, from: group.policies.map(({ ref }) => ref) };
  const name = nameOf('netpol', groupName(group));
  const to = destinationOf(group);
  if (openings.length === 0) {
    const rationale = 'Policies isolate these pods and no rule lets anybody in.';
    return [derived({ ...head, name, rationale }, { kind: 'reach', spec: { from: [], to, expect: 'atMost' } })];
  }
  const rationale = 'Policies isolate these pods: who they name is meant to get in, and nobody else.';
  const byPorts = new Map<string, Opening[]>();
  for (const opening of openings)
    byPorts.set(portsKey(opening.ports), [...(byPorts.get(portsKey(opening.ports)) ?? []), opening]);
  const everyPort = openings.filter(({ ports }) => ports === undefined);
  if (
    openings.every(({ peers }) => peers !== 'everybody' && peers.every(({ cidr }) => cidr === undefined)) &&
    openings.some(({ peers, ports }) => ports === undefined && isWholeCluster(peers))
  ) {
    const outside = { from: { internet: true as const }, to, expect: 'denied' as const };
    return [
      derived(
        { ...head, name, rationale: 'Policies let in every pod of the cluster, and nothing from outside.' },
        { kind: 'reach', spec: outside },
      ),
    ];
  }
  const sameOnAll = byPorts.size === 1 && !openings.some(({ peers }) => peers === 'everybody');
  if (sameOnAll || everyPort.some(({ peers }) => peers === 'everybody')) {
    return sameOnAll
      ? [derived({ ...head, name, rationale }, { kind: 'reach', spec: { ...closedTo(unionOf(openings)), to } })]
      : [];
  }
  return [...byPorts.values()].flatMap((here): readonly Claim[] => {
    const ports = here[0]?.ports;
    if (!ports) return [];
    const admitted = openings.filter((opening) => opening.ports === undefined || overlap(opening.ports, ports));
    if (admitted.some(({ peers }) => peers === 'everybody')) return [];
    const onPorts = ports.map(
      ({ port, endPort, protocol }) =>
        `${protocol === 'TCP' ? '' : `${protocol}-`}${port}${endPort === undefined ? '' : `-${endPort}`}`,
    );
    const spec = { ...closedTo(unionOf(admitted)), to: { ...to, ports: [...ports] } };
    return [derived({ ...head, name: nameOf(name, 'on', ...onPorts), rationale }, { kind: 'reach', spec })];
  });
}

/** Who is left to be kept out when these are let in: after every pod of the cluster, only the internet. */
function closedTo(from: EndpointSpec[]): Pick<ReachSpec, 'from' | 'expect'> {
  return isWholeCluster(from) && from.every(({ cidr }) => cidr === undefined)
    ? { from: { internet: true }, expect: 'denied' }
    : { from, expect: 'atMost' };
}

/** Pods that no rule lets out of the cluster are meant to stay inside. */
function egressClaims(group: Group): readonly Claim[] {
  const openings = group.policies.flatMap((policy) => openingsOf(policy, 'egress'));
  const leavesTheCluster = openings.some(
    ({ peers }) => peers === 'everybody' || peers.some(({ cidr }) => cidr !== undefined),
  );
  if (leavesTheCluster) return [];
  return [
    derived(
      {
        name: nameOf('no-internet-for', podsName(group)),
        namespace: group.namespace,
        severity: 'medium',
        from: group.policies.map(({ ref }) => ref),
        rationale:
          'Policies isolate what these pods send, and no rule lets them out of the cluster: data should not leave that way.',
      },
      { kind: 'reach', spec: { from: destinationOf(group), to: { internet: true }, expect: 'denied' } },
    ),
  ];
}

function openingsOf({ resource, ref, isolates }: Policy, direction: Direction): readonly Opening[] {
  if (!isolates[direction]) return [];
  return records(at(resource.object, 'spec', direction)).map(([, rule]) => {
    const written = list(rule[direction === 'ingress' ? 'from' : 'to']);
    const peers = written.flatMap((peer) => peerOf(peer, ref.namespace ?? 'default'));
    const open = written.length === 0 || peers.includes('everybody');
    return { peers: open ? 'everybody' : peers.filter((peer) => peer !== 'everybody'), ports: portsOf(rule['ports']) };
  });
}

function peerOf(raw: unknown, home: string): readonly (EndpointSpec | 'everybody')[] {
  const peer = record(raw);
  if (isRecord(peer['ipBlock'])) {
    const cidr = text(peer['ipBlock']['cidr']) ?? '';
    if (cidr.endsWith('/0')) return ['everybody'];
    const whole = parseCidr(cidr);
    if (whole.kind === 'invalid') return [];
    const except = strings(peer['ipBlock']['except']).flatMap((written) => {
      const parsed = parseCidr(written);
      return parsed.kind === 'invalid' ? [] : [parsed.range];
    });
    return subtractRanges(whole.range, except)
      .flatMap(cidrsOf)
      .map((block) => ({ cidr: block }));
  }
  const pods = isRecord(peer['podSelector']) ? { pods: peer['podSelector'] as LabelSelectorSpec } : {};
  const namespaces = isRecord(peer['namespaceSelector']) ? (peer['namespaceSelector'] as LabelSelectorSpec) : [home];
  return [{ ...pods, namespaces }];
}

function portsOf(raw: unknown): readonly PortSpec[] | undefined {
  const ports = records(raw).map(([, port]): PortSpec => {
    const number = port['port'] ?? 1;
    const protocol = (text(port['protocol']) ?? 'TCP') as PortSpec['protocol'];
    const last = port['port'] === undefined ? 65_535 : port['endPort'];
    return { port: number as number | string, protocol, ...(typeof last === 'number' ? { endPort: last } : {}) };
  });
  return ports.length === 0 ? undefined : ports;
}

function unionOf(openings: readonly Opening[]): EndpointSpec[] {
  const peers = openings.flatMap(({ peers }) => (peers === 'everybody' ? [] : peers));
  return [...new Map(peers.map((peer) => [JSON.stringify(peer), peer])).values()];
}

function isWholeCluster(peers: Opening['peers']): boolean {
  return peers !== 'everybody' && peers.some((peer) => JSON.stringify(peer) === '{"namespaces":{}}');
}

function portsKey(ports: readonly PortSpec[] | undefined): string {
  return JSON.stringify(ports ?? 'all');
}

/** Whether two port lists may mean a common port; a name may be any number. */
function overlap(a: readonly PortSpec[], b: readonly PortSpec[]): boolean {
  return a.some((x) =>
    b.some((y) => {
      if (x.protocol !== y.protocol) return false;
      if (typeof x.port === 'string' || typeof y.port === 'string')
        return x.port === y.port || typeof x.port !== typeof y.port;
      return x.port <= (y.endPort ?? y.port) && y.port <= (x.endPort ?? x.port);
    }),
  );
}

/** The pods of a group: by the selector of a policy that selects just them, else by name. */
function destinationOf({ namespace, selected, policies, workloads }: Group): EndpointSpec {
  const exact = policies.find((policy) => (selected.get(policy) ?? 0) === workloads.length);
  const raw = exact && at(exact.resource.object, 'spec', 'podSelector');
  if (exact && isRecord(raw) && (exact.subject.pods.length > 0 || workloads.length > 1))
    return { pods: raw, namespaces: [namespace] };
  return { workloads: workloads.map(({ ref }) => `${ref.kind}/${ref.name}`), namespaces: [namespace] };
}

/** The policies that tell a group from others; a policy for every pod of the namespace names it only where it is alone. */
function groupName({ policies }: Group): string {
  const telling = policies.filter(({ subject }) => subject.pods.length > 0);
  return listName((telling.length > 0 ? telling : policies).map(({ ref }) => ref.name));
}

/** The pods of a group by name, where they are few. */
function podsName(group: Group): string {
  return group.workloads.length <= 2 ? listName(group.workloads.map(({ ref }) => ref.name)) : groupName(group);
}

function listName(names: readonly string[]): string {
  const sorted = [...names].sort();
  return sorted.length > 3 ? `${sorted.slice(0, 3).join('-and-')}-and-${sorted.length - 3}-more` : sorted.join('-and-');
}
