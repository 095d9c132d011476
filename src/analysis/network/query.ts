import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { AddressSpace } from './address-space.ts';
import type { Classes, PodClass } from './classes.ts';
import type { Directory } from './directory.ts';
import type { Endpoint, Inhabitants } from './endpoints.ts';
import { INTERNET, parseCidr, parseIp, type IpRange } from './ip.ts';
import type { Judge, Judgement, Reason } from './judge.ts';
import type { Matrix } from './matrix.ts';
import type { NodeTraffic, Shared } from './node-traffic.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import { singlePort, unionPorts, type PortSet } from './ports.ts';
import type { Profile } from './profile.ts';
import { servicePorts, serviceTargets } from './services.ts';
import type { PeerQuery, Protocol, ReachAnswer } from './types.ts';

export interface ReachPort {
  readonly port: number;
  /** TCP when absent. */
  readonly protocol?: Protocol;
}

/** One peer a question is about, with the ports asked for there. */
interface Party {
  readonly peer: number;
  readonly asked: PortId;
  /** Set when the question is about this very pod. */
  readonly pod?: Endpoint;
  /** The node whose address this is. */
  readonly node?: string;
  /** Reached through a Service: a pod that reaches itself so is not exempt everywhere. */
  readonly throughService?: boolean;
}

type Parties =
  | { readonly kind: 'found'; readonly parties: readonly Party[] }
  | { readonly kind: 'none'; readonly because: Because }
  /** There is nobody to connect to, for certain. */
  | { readonly kind: 'closed'; readonly because: Because };

export interface QueryInput {
  readonly snapshot: Snapshot;
  readonly inhabitants: Inhabitants;
  readonly directory: Directory;
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly matrix: Matrix;
  readonly judge: Judge;
  readonly nodes: NodeTraffic;
  readonly profile: Profile;
  readonly bothReadings: boolean;
  /** Something about this cluster can't be known, so a quick `no` is not to be trusted. */
  readonly doubtful: boolean;
}

export interface Questions {
  query(from: PeerQuery, to: PeerQuery, port?: ReachPort): ReachAnswer;
  /** Why a question about this peer has nothing to answer about; undefined when there is something. */
  missing(peer: PeerQuery): Because | undefined;
  reaches(from: ObjectRef, to: ObjectRef, protocol: Protocol, port: number): boolean | 'unknown';
  /** The same as `query` for pods by class, with a port set. */
  judgePods(from: readonly number[], to: readonly number[], ports: PortSet): ReachAnswer;
}

/** Pairs whose reasons are looked at for one answer. */
const EXPLAINED_PAIRS = 8;
const LISTED_REASONS = 24;
/** Pairs of classes for which it doesn't pay to look which are alike. */
const MANY_PAIRS = 64;

export function createQuestions(input: QueryInput): Questions {
  const { classes, table, judge, matrix, inhabitants, directory } = input;
  const classesOf = (endpoint: Endpoint): readonly PodClass[] =>
    (classes.ofWorkload[endpoint.workload.index] ?? []).filter((podClass) => podClass.members.includes(endpoint));

  const resolve = (query: PeerQuery, asked: PortId, port: ReachPort | undefined): Parties => {
    const found = (parties: readonly Party[]): Parties => ({ kind: 'found', parties });
    const ofClasses = (list: readonly PodClass[]): readonly Party[] =>
      list.map(({ index }) => ({ peer: index, asked }));
    switch (query.kind) {
      case 'workload': {
        const named = directory
          .named(query.namespace, query.name)
          .filter(
            (index) =>
              query.workloadKind === undefined || inhabitants.workloads[index]?.ref.kind === query.workloadKind,
          );
        if (named.length > 0) {
          const all = named.flatMap((index) => classes.ofWorkload[index] ?? []);
          const [only, ...more] = named.flatMap((index) => inhabitants.workloads[index]?.endpoints ?? []);
          return found(
            ofClasses(all).map((party) =>
              only?.pod !== undefined && more.length === 0 ? { ...party, pod: only } : party,
            ),
          );
        }
        const pod =
          query.workloadKind === undefined || query.workloadKind === 'Pod'
            ? directory.podNamed(query.namespace, query.name)
            : undefined;
        if (pod) return found(classesOf(pod).map(({ index }) => ({ peer: index, asked, pod })));
        return missing(`workload or pod ${query.namespace}/${query.name}`, ['Pod']);
      }
      case 'namespace': {
        const inside = classes.byNamespace.get(query.namespace) ?? [];
        return inside.length > 0 ? found(ofClasses(inside)) : missing(`pod in namespace ${query.namespace}`, ['Pod']);
      }
      case 'internet':
        return found(outside(INTERNET, asked));
      case 'cidr': {
        const address = parseIp(query.cidr.replace(/\/(32|128)$/, ''));
        const pod =
          address === undefined
            ? undefined
            : inhabitants.workloads.flatMap((w) => w.endpoints).find((e) => e.addresses.includes(address));
        if (pod) return found(classesOf(pod).map(({ index }) => ({ peer: index, asked, pod })));
        const parsed = parseCidr(query.cidr);
        const range =
          address === undefined
            ? parsed.kind === 'invalid'
              ? undefined
              : parsed.range
            : { from: address, to: address };
        const node = address === undefined ? undefined : input.nodes.nodeAt(address);
        if (range && node !== undefined) return found(outside([range], asked).map((party) => ({ ...party, node })));
        return range ? found(outside([range], asked)) : missing(`address ${query.cidr}`, []);
      }
      case 'service': {
        const service = input.snapshot.get('Service', query.namespace, query.name);
        if (!service) return missing(`Service ${query.namespace}/${query.name}`, ['Service']);
        const targets = serviceTargets(
          input.snapshot,
          inhabitants,
          service,
          (p) => port === undefined || (p.port === port.port && p.protocol === (port.protocol ?? 'TCP')),
        );
        if (targets.unknown !== undefined)
          return {
            kind: 'none',
            because: {
              kind: 'absence',
              of: 'endpoints',
              says: `what is behind Service ${query.namespace}/${query.name} is not known: ${targets.unknown}`,
            },
          };
        if (
          port &&
          !servicePorts(service.object).some((p) => p.port === port.port && p.protocol === (port.protocol ?? 'TCP'))
        )
          return {
            kind: 'closed',
            because: {
              kind: 'absence',
              of: `port ${port.port}`,
              says: `Service ${query.namespace}/${query.name} has no port ${port.port}/${port.protocol ?? 'TCP'}`,
            },
          };
        const behind = new Map<number, { ports: PortSet; pods: Endpoint[] }>();
        for (const backend of targets.backends) {
          for (const { index } of classesOf(backend.endpoint)) {
            const known = behind.get(index) ?? { ports: {}, pods: [] };
            behind.set(index, {
              ports: unionPorts(known.ports, backend.ports),
              pods: [...known.pods, backend.endpoint],
            });
          }
        }
        const parties = [
          ...[...behind].map(([peer, { ports, pods }]): Party => {
            const [only, ...more] = pods;
            const one = only?.pod !== undefined && more.length === 0 ? { pod: only } : {};
            return { peer, asked: table.id(ports), throughService: true, ...one };
          }),
          ...targets.addresses.flatMap(({ value, ports }) => outside([{ from: value, to: value }], table.id(ports))),
        ];
        return parties.length > 0
          ? found(parties)
          : missing(`pod behind Service ${query.namespace}/${query.name}`, ['Pod']);
      }
    }
  };

  const outside = (ranges: readonly IpRange[], asked: PortId): readonly Party[] => {
    const hit = new Set<number>();
    for (const interval of input.space.intervals) {
      const overlaps = ranges.some(
        (range) => typeof range.from === typeof interval.from && range.from <= interval.to && interval.from <= range.to,
      );
      if (overlaps) hit.add(interval.address);
    }
    return [...hit].map((address) => ({ peer: classes.all.length + address, asked }));
  };

  const missing = (what: string, kinds: readonly string[]): Parties => {
    const [gap] = input.snapshot.gaps(kinds);
    const says = `there is no ${what} in what was read`;
    return {
      kind: 'none',
      because: gap ? { kind: 'gap', gap, says: `${says}, and ${gap.detail}` } : { kind: 'absence', of: what, says },
    };
  };

  const answer = (from: readonly Party[], to: readonly Party[], loopback: boolean): ReachAnswer => {
    if (loopback) {
      const ports = to[0]?.asked ?? ALL;
      return {
        verdict: 'allowed',
        ports: table.set(ports),
        everyPair: table.set(ports),
        because: [{ kind: 'rule', source: 'NetworkPolicy', says: 'a pod always reaches itself' }],
      };
    }
    const worlds = new Map<'any' | 'pod' | 'node', { must: PortId; may: PortId }>();
    let everyPair: PortId = ALL;
    let pairs = 0;
    let ignorant = false;
    const explained: { pair: Judgement; asked: PortId }[] = [];
    for (const source of from) {
      for (const destination of to) {
        const world = worldOf(classes, source.peer, destination.peer);
        if (world === undefined || !shareFamily(input, source.peer, destination.peer)) continue;
        pairs++;
        const asked = destination.asked;
        const { pair, everyMember } = judgePair(source, destination);
        const may = table.intersect(asked, pair.mayAllow);
        const must = table.subtract(may, pair.mayDeny);
        const sum = worlds.get(world) ?? { must: NONE, may: NONE };
        worlds.set(world, { must: table.union(sum.must, must), may: table.union(sum.may, may) });
        everyPair = table.intersect(everyPair, everyMember ?? must);
        ignorant ||= pair.reasons.some(
          (reason) => isIgnorance(reason) && table.intersect(asked, reason.ports) !== NONE,
        );
        if (explained.length < EXPLAINED_PAIRS || must !== NONE) explained.push({ pair, asked });
      }
    }
    if (pairs === 0) {
      return {
        verdict: 'denied',
        ports: {},
        everyPair: {},
        because: [{ kind: 'rule', source: 'IP', says: 'the two have no address family in common' }],
      };
    }
    const any = worlds.get('any') ?? { must: NONE, may: NONE };
    const readings = [worlds.get('pod'), worlds.get('node')].flatMap((world) => world ?? []);
    const mustInReadings = readings.reduce(
      (sum, { must }) => table.intersect(sum, must),
      readings.length > 0 ? ALL : NONE,
    );
    const must = table.union(any.must, mustInReadings);
    const may = readings.reduce((sum, world) => table.union(sum, world.may), any.may);
    const differ = input.bothReadings && readings.length === 2 && readings[0]?.must !== readings[1]?.must;
    const because = reasonsFor(explained, must, may, differ, table);
    const verdict =
      must !== NONE ? 'allowed' : may === NONE ? 'denied' : ignorant ? 'unknown' : 'implementationDefined';
    return { verdict, ports: table.set(must), everyPair: table.set(everyPair), because };
  };

  /** `everyMember`: the ports all pods of the two may use, where that is less than what some may. */
  const judgePair = (source: Party, destination: Party): { pair: Judgement; everyMember?: PortId } => {
    const pair = judge.connection(source.peer, destination.peer);
    if (source.pod !== undefined && source.pod === destination.pod && destination.throughService === true)
      return { pair: throughItself(pair) };
    const shared = sharedNode(source, destination);
    if (shared === 'no') return { pair };
    const says = `the node of ${describe(destination)} always reaches it`;
    const local: Judgement = {
      mayAllow: ALL,
      mayDeny: NONE,
      reasons: [{ effect: 'allows', ports: ALL, because: { kind: 'rule', source: 'NetworkPolicy', says } }],
    };
    if (shared === 'every') return { pair: local };
    return {
      pair: local,
      everyMember: table.subtract(table.intersect(destination.asked, pair.mayAllow), pair.mayDeny),
    };
  };

  const describe = ({ pod, peer }: Party): string =>
    pod === undefined ? (classes.all[peer]?.members[0]?.workload.id ?? 'a pod') : pod.workload.id;

  const sharedNode = (source: Party, destination: Party): Shared => {
    const target = classes.all[destination.peer];
    if (!target || target.hostNetwork) return 'no';
    const pods = destination.pod ? [destination.pod] : target.members;
    if (source.node !== undefined) return input.nodes.onNode(source.node, pods);
    const host = classes.all[source.peer];
    if (!host?.hostNetwork || host.reading !== 'node') return 'no';
    return input.nodes.together(source.pod ? [source.pod] : host.members, pods);
  };

  /** A pod that reaches itself through a Service: some implementations exempt that as they exempt its own address. */
  const throughItself = (pair: Judgement): Judgement => {
    if (input.profile.serviceLoopback === 'judged' || pair.mayDeny === NONE) return pair;
    const says =
      input.profile.serviceLoopback === 'exempt'
        ? 'a pod always reaches itself, also through a Service'
        : 'the pod reaches itself through a Service: whether policies apply to that is left to the implementation';
    if (input.profile.serviceLoopback === 'exempt')
      return {
        mayAllow: ALL,
        mayDeny: NONE,
        reasons: [{ effect: 'allows', ports: ALL, because: { kind: 'rule', source: 'profile', says } }],
      };
    const open: Reason = {
      effect: 'open',
      ports: pair.mayDeny,
      because: { kind: 'parameter', parameter: 'serviceLoopback', says },
    };
    return { ...pair, mayAllow: ALL, reasons: [open, ...pair.reasons] };
  };

  const bounds = (from: readonly PodClass[], to: readonly PodClass[], wanted: PortId): boolean | 'unknown' => {
    const { verdict } = answer(
      from.map(({ index }) => ({ peer: index, asked: wanted })),
      to.map(({ index }) => ({ peer: index, asked: wanted })),
      false,
    );
    return verdict === 'allowed' ? true : verdict === 'denied' ? false : 'unknown';
  };

  return {
    query(from, to, port) {
      const asked = port ? table.id(singlePort(port.protocol ?? 'TCP', port.port)) : ALL;
      const sources = resolve(from, asked, undefined);
      const destinations = resolve(to, asked, port);
      if (sources.kind !== 'found' || destinations.kind !== 'found') {
        const because = [sources, destinations].flatMap((side) => (side.kind === 'found' ? [] : [side.because]));
        const closed = sources.kind === 'found' && destinations.kind === 'closed';
        return { verdict: closed ? 'denied' : 'unknown', ports: {}, everyPair: {}, because };
      }
      const pod = sources.parties[0]?.pod;
      const loopback =
        pod !== undefined && destinations.parties.every((party) => party.pod === pod && party.throughService !== true);
      return answer(sources.parties, destinations.parties, loopback);
    },
    missing(peer) {
      const found = resolve(peer, ALL, undefined);
      return found.kind === 'none' ? found.because : undefined;
    },
    reaches(from, to, protocol, port) {
      const [source, destination] = [from, to].map((ref) =>
        directory.indexOf(`${ref.namespace ?? 'default'}/${ref.name}[${ref.kind}]`),
      );
      if (source === undefined || destination === undefined) return 'unknown';
      const wanted = table.id(singlePort(protocol, port));
      const sources = classes.ofWorkload[source] ?? [];
      const destinations = classes.ofWorkload[destination] ?? [];
      if (input.doubtful) return bounds(sources, destinations, wanted);
      // Of classes that are alike one is enough, where there are many.
      const few = sources.length * destinations.length <= MANY_PAIRS;
      const senders = few ? sources.map(({ index }) => index) : distinct(sources, matrix.sources().first);
      const receivers = few
        ? destinations.map(({ index }) => index)
        : distinct(destinations, matrix.destinations().first);
      return senders.some((a) => receivers.some((b) => table.intersect(wanted, matrix.between(a, b)) !== NONE));
    },
    judgePods: (from, to, ports) => {
      const asked = table.id(ports);
      return answer(
        from.map((peer) => ({ peer, asked })),
        to.map((peer) => ({ peer, asked })),
        false,
      );
    },
  };
}

function distinct(classes: readonly PodClass[], first: Int32Array): readonly number[] {
  return [...new Set(classes.map(({ index }) => first[index] ?? index))];
}

/** Only what left a pair open makes an answer unknown; the reasons of one reading or another don't. */
function isIgnorance({ effect, because }: Reason): boolean {
  return effect === 'open' && because.kind !== 'parameter';
}

function shareFamily({ classes, space }: QueryInput, source: number, destination: number): boolean {
  const family = (peer: number): number =>
    classes.all[peer]?.families ?? (space.familyOf(peer - classes.all.length) === 4 ? 1 : 2);
  return (family(source) & family(destination)) !== 0;
}

function worldOf(classes: Classes, source: number, destination: number): 'any' | 'pod' | 'node' | undefined {
  const [a, b] = [source, destination].map((peer) => {
    const podClass = classes.all[peer];
    return podClass?.hostNetwork === true ? podClass.reading : 'any';
  });
  if (a === undefined || b === undefined) return undefined;
  if (a === 'any') return b;
  return b === 'any' || a === b ? a : undefined;
}

/** The reasons that bear on the verdict, without repetition, those that decide it first. */
function reasonsFor(
  explained: readonly { readonly pair: Judgement; readonly asked: PortId }[],
  must: PortId,
  may: PortId,
  readingsDiffer: boolean,
  table: PortTable,
): readonly Because[] {
  const effects: readonly Reason['effect'][] =
    must !== NONE ? ['allows'] : may === NONE ? ['denies', 'allows'] : ['open', 'denies', 'allows'];
  const chosen = new Map<string, Because>();
  if (must === NONE && may !== NONE && readingsDiffer) {
    const says =
      "one of the pods is on the host's network: whether policies see it as a pod or as its node is left to the implementation";
    chosen.set(says, { kind: 'parameter', parameter: 'hostNetworkPods', says });
  }
  for (const effect of effects) {
    for (const { pair, asked } of explained) {
      const relevant = must !== NONE ? table.intersect(asked, must) : asked;
      if (must !== NONE && table.intersect(relevant, table.subtract(pair.mayAllow, pair.mayDeny)) === NONE) continue;
      for (const reason of pair.reasons) {
        if (reason.effect !== effect || table.intersect(relevant, reason.ports) === NONE) continue;
        if (chosen.size < LISTED_REASONS) chosen.set(reason.because.says, reason.because);
      }
    }
  }
  return [...chosen.values()];
}
