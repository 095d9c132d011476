import {
  formatPorts,
  type Exposure,
  type NetworkAnalysis,
  type NetworkWorkload,
  type ReachAnswer,
  type ReachPort,
} from '../../analysis/network/index.ts';
import { INTERNET, parseCidr, parseIp, subtractRanges, type IpRange } from '../../analysis/network/addresses/ip.ts';
import { hasPort, isEmpty } from '../../analysis/network/ports/ports.ts';
import { becauseOfGap, type Because } from '../../model/because.ts';
import { formatRef, refId } from '../../model/object.ts';
import type { Gap } from '../../model/snapshot.ts';
import type { ClaimOf } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { every, holds, MAX_REASONS, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { joined } from '../words.ts';
import { cidrsOf } from './address-blocks.ts';
import { askedPorts, type AskedPorts } from './reach-ports.ts';
import type { ReachSpec } from './reach-schema.ts';
import { describeParty, partiesOf, queryOf, type Party } from './reach-parties.ts';

type Port = Required<ReachPort> | undefined;

/** Ways in from outside that could make an address reachable which policies alone don't decide. */
const WAYS_IN = [
  'Service',
  'Ingress.networking.k8s.io',
  'HTTPRoute.gateway.networking.k8s.io',
  'Gateway.gateway.networking.k8s.io',
  'Route.route.openshift.io',
];

/** The verdict on a reach claim that follows from the configuration. */
export function judgeReach(claim: ClaimOf<'reach'>, facts: Facts): Judgement {
  const { spec, namespace } = claim;
  const from = partiesOf(facts, spec.from, namespace);
  const to = partiesOf(facts, spec.to, namespace);
  if (to.found.length === 0) return vacuous('the destination of the claim', to.open);
  const closed = spec.expect === 'only' || spec.expect === 'atMost';
  if (from.found.length === 0 && !closed) return vacuous('the source of the claim', from.open);
  const parts = to.found.flatMap((destination) => judgeDestination(facts, spec.expect, from.found, destination));
  const unread = [...new Set([...from.open, ...to.open])].map((because) => unknown(because));
  const together = every([
    ...parts,
    ...(from.found.length === 0 && spec.expect === 'only' ? [vacuous('the source of the claim', from.open)] : []),
    ...unread,
  ]);
  return together.verdict === 'violated'
    ? { ...together, because: [...summary(facts, claim, from.found, to.found), ...together.because] }
    : together;
}

/**
 * The part of an `only` or `atMost` claim that speaks of addresses outside the cluster, which no pod of it can try:
 * whether everybody out there whom `from` leaves out is kept out. It holds when `from` leaves nobody out.
 */
export function judgeOutside(claim: ClaimOf<'reach'>, facts: Facts): Judgement {
  const { spec, namespace } = claim;
  const from = partiesOf(facts, spec.from, namespace).found;
  const parts = partiesOf(facts, spec.to, namespace).found.flatMap((destination) =>
    everybodyElse(facts, from, destination)
      .filter(({ kind }) => kind === 'outside')
      .flatMap((source) =>
        portsOf(askedPorts(facts.network, destination)).map((port) => isDenied(facts, source, destination, port)),
      ),
  );
  return parts.length === 0 ? holds() : every(parts);
}

/** Who breaks the claim, by name, before the reasons of each. */
function summary(
  facts: Facts,
  { spec }: ClaimOf<'reach'>,
  from: readonly Party[],
  to: readonly Party[],
): readonly Because[] {
  if (spec.expect === 'allowed') return [];
  return to.flatMap((destination): readonly Because[] => {
    const others =
      spec.expect !== 'denied'
        ? everybodyElse(facts, from, destination)
        : from.filter((source) => !isSame(source, destination));
    const ports = portsOf(askedPorts(facts.network, destination));
    const offenders = groupsOf(facts, others)
      .filter(([source]) => ports.some((port) => isDenied(facts, source, destination, port).verdict === 'violated'))
      .flat();
    if (offenders.length < 2) return [];
    const names = joined(offenders.map(describeParty), 8);
    return [
      {
        kind: 'rule',
        source: 'analysis network',
        says: `${offenders.length} that should not can reach ${describeParty(destination)}: ${names}`,
      },
    ];
  });
}

function judgeDestination(
  facts: Facts,
  expect: ReachSpec['expect'],
  from: readonly Party[],
  destination: Party,
): readonly Judgement[] {
  const { network } = facts;
  const asked = askedPorts(network, destination);
  if (asked.kind === 'these' && asked.ports.length === 0) {
    const names = destination.ports?.map(({ port }) => String(port)).join(', ') ?? '';
    return [vacuous(`port ${names} of ${describeParty(destination)}`)];
  }
  const sources = from.filter((source) => !isSame(source, destination));
  const ask = (parties: readonly Party[], judge: (source: Party, port: Port) => Judgement): readonly Judgement[] =>
    groupsOf(facts, parties).flatMap(([source, ...others]) =>
      portsOf(asked).flatMap((port) => {
        const first = judge(source, port);
        // What holds for one holds for all that are alike; who does not keep to a claim is named.
        const named = first.verdict === 'holds' ? [] : others.slice(0, MAX_REASONS);
        return [first, ...named.map((other) => judge(other, port))];
      }),
    );
  const may = (): readonly Judgement[] => ask(sources, (source, port) => isAllowed(network, source, destination, port));
  const mayNot = (parties: readonly Party[]): readonly Judgement[] =>
    ask(parties, (source, port) => isDenied(facts, source, destination, port));
  switch (expect) {
    case 'allowed':
      return may();
    case 'denied':
      return mayNot(sources);
    case 'atMost':
      return mayNot(everybodyElse(facts, from, destination));
    case 'only':
      return [...may(), ...mayNot(everybodyElse(facts, from, destination))];
  }
}

/** Parties that every policy treats alike, together; there are far fewer of these than of parties. */
function groupsOf({ network }: Facts, parties: readonly Party[]): readonly (readonly [Party, ...Party[]])[] {
  const groups = new Map<string | Party, [Party, ...Party[]]>();
  for (const party of parties) {
    const key = (party.kind === 'workload' ? network.alike(party.workload) : undefined) ?? party;
    const known = groups.get(key);
    if (known) known.push(party);
    else groups.set(key, [party]);
  }
  return [...groups.values()];
}

function portsOf(asked: AskedPorts): readonly Port[] {
  return asked.kind === 'everything' ? [undefined] : asked.ports;
}

/** Pods of one workload always count as themselves: the claim is about others. */
function isSame(source: Party, destination: Party): boolean {
  return source.kind === 'workload' && destination.kind === 'workload' && source.workload === destination.workload;
}

/**
 * Everybody beside the sources of the claim: every other workload that is known, and every address outside the cluster
 * that the sources leave. The nodes are not among them: a pod's own node always gets in.
 */
function everybodyElse({ network }: Facts, from: readonly Party[], destination: Party): readonly Party[] {
  const named = new Set(from.flatMap((party) => (party.kind === 'workload' ? [party.workload] : [])));
  const workloads = network.workloads
    .filter((workload) => !named.has(workload) && !isItsNode(workload))
    .map((workload): Party => ({ kind: 'workload', workload }));
  const others = workloads.filter((party) => !isSame(party, destination));
  if (destination.kind !== 'workload' || from.some((party) => party.kind === 'outside' && party.cidr === undefined))
    return others;
  const left = from.reduce<readonly IpRange[]>((ranges, party) => {
    const cut = party.kind === 'outside' && party.cidr !== undefined ? rangeOf(party.cidr) : undefined;
    return cut
      ? ranges.flatMap((range) => (typeof range.from === typeof cut.from ? subtractRanges(range, [cut]) : [range]))
      : ranges;
  }, INTERNET);
  if (left === INTERNET) return [...others, { kind: 'outside' }];
  return [...others, ...left.flatMap(cidrsOf).map((cidr): Party => ({ kind: 'outside', cidr }))];
}

/** A pod on the network of its node is its node: where policies see it as a pod after all, they close it like any other. */
function isItsNode({ endpoints }: NetworkWorkload): boolean {
  return endpoints.length > 0 && endpoints.every(({ hostNetwork }) => hostNetwork);
}

/** Every pair of pods connects on the port; without a port, on some port. */
function isAllowed(network: NetworkAnalysis, source: Party, destination: Party, port: Port): Judgement {
  if (source.kind === 'nodes' || destination.kind === 'nodes') return unknown(nodesAreOpen());
  const answer = network.query(queryOf(source), queryOf(destination), port);
  const always = port ? hasPort(answer.everyPair, port.protocol, port.port) : !isEmpty(answer.everyPair);
  const what = sentence(source, destination, port);
  if (always) return holds(...prefixed(what.can, answer.because));
  if (answer.verdict === 'denied') return violated(...prefixed(what.cannot, answer.because));
  if (answer.verdict === 'allowed')
    return violated({
      kind: 'rule',
      source: 'NetworkPolicy',
      says: `${what.cannot} from every pod: only some of them are let through`,
    });
  return unknown(...prefixed(what.perhaps, answer.because));
}

function isDenied(facts: Facts, source: Party, destination: Party, port: Port): Judgement {
  if (source.kind === 'nodes' || destination.kind === 'nodes') return unknown(nodesAreOpen());
  if (source.kind === 'outside' && destination.kind === 'workload')
    return isClosedToOutside(facts, source, destination, port);
  const answer = facts.network.query(queryOf(source), queryOf(destination), port);
  return judgementOf(answer, sentence(source, destination, port));
}

function judgementOf(answer: ReachAnswer, what: Sentence): Judgement {
  switch (answer.verdict) {
    case 'denied':
      return holds(...prefixed(what.cannot, answer.because));
    case 'allowed':
      return violated(...prefixed(what.can, answer.because));
    case 'implementationDefined':
    case 'unknown':
      return unknown(...prefixed(what.perhaps, answer.because));
  }
}

/**
 * From outside a pod is reached through something that leads there (a load balancer, a node port, a route), or by its
 * own address where the network routes those. Policies may close the door in both cases.
 */
function isClosedToOutside(
  facts: Facts,
  source: Party,
  destination: Party & { kind: 'workload' },
  port: Port,
): Judgement {
  const what = sentence(source, destination, port);
  const exposures = exposuresOf(facts, destination, port);
  const open = exposures.filter(({ verdict }) => verdict === 'allowed');
  if (open.length > 0) return violated(...open.flatMap((way) => wayIn(what.can, way)));
  const direct = facts.network.query(queryOf(source), queryOf(destination), port);
  const doubtful = exposures.filter(({ verdict }) => verdict !== 'denied');
  if (doubtful.length > 0) return unknown(...doubtful.flatMap((way) => wayIn(what.perhaps, way)));
  const unread = [...new Set<Gap>(facts.snapshot.gaps(WAYS_IN, destination.workload.namespace))];
  if (unread.length > 0) return unknown(...unread.map(becauseOfGap));
  if (direct.verdict !== 'allowed') return judgementOf(direct, what);
  return unknown({
    kind: 'parameter',
    parameter: 'podAddressesRoutedFromOutside',
    says: `no Service, Ingress or host port leads from outside to ${describeParty(destination)}, and no policy closes it either: it is closed only where addresses of pods are not routed from outside`,
  });
}

function exposuresOf({ network }: Facts, { workload }: Party & { kind: 'workload' }, port: Port): readonly Exposure[] {
  const id = refId(workload.ref);
  return exposuresOnce(network).filter(
    (way) => refId(way.workload) === id && (port === undefined || hasPort(way.ports, port.protocol, port.port)),
  );
}

const exposures = new WeakMap<NetworkAnalysis, readonly Exposure[]>();

function exposuresOnce(network: NetworkAnalysis): readonly Exposure[] {
  let known = exposures.get(network);
  if (!known) exposures.set(network, (known = network.exposures()));
  return known;
}

function wayIn(says: string, way: Exposure): readonly Because[] {
  const opened: Because = {
    kind: 'field',
    object: way.by,
    path: way.via === 'LoadBalancer' || way.via === 'NodePort' ? 'spec.type' : 'spec',
    value: way.via,
    says: `${says}: ${formatRef(way.by)} (${way.via}) leads to it on ${formatPorts(way.ports)}`,
  };
  return [opened, ...way.because.slice(0, 2)];
}

function nodesAreOpen(): Because {
  return {
    kind: 'parameter',
    parameter: 'nodeTraffic',
    says: 'a pod is always open to its own node, and whether policies hold for the other nodes is left to the implementation',
  };
}

interface Sentence {
  readonly can: string;
  readonly cannot: string;
  readonly perhaps: string;
}

function sentence(source: Party, destination: Party, port: Port): Sentence {
  const on = port ? ` on ${port.protocol} ${port.port}` : '';
  const [from, to] = [describeParty(source), `${describeParty(destination)}${on}`];
  return {
    can: `${from} can reach ${to}`,
    cannot: `${from} cannot reach ${to}`,
    perhaps: `${from} may or may not reach ${to}`,
  };
}

function prefixed(says: string, because: readonly Because[]): readonly Because[] {
  if (because.length === 0)
    return [{ kind: 'rule', source: 'NetworkPolicy', says: `${says}: no policy isolates either end` }];
  return because.slice(0, 3).map((reason) => ({ ...reason, says: `${says}: ${reason.says}` }));
}

function rangeOf(cidr: string): IpRange | undefined {
  const parsed = parseCidr(cidr);
  if (parsed.kind !== 'invalid') return parsed.range;
  const address = parseIp(cidr);
  return address === undefined ? undefined : { from: address, to: address };
}
