import type { Because } from '../../../model/because.ts';
import { at, number, record, strings } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { AddressSpace } from '../addresses/address-space.ts';
import type { Classes, PodClass } from '../classes/classes.ts';
import type { Directory } from '../inhabitants/directory.ts';
import type { Endpoint, Inhabitants } from '../inhabitants/endpoints.ts';
import { INTERNET, parseCidr, parseIp, type IpRange, type IpValue } from '../addresses/ip.ts';
import type { NodeTraffic } from '../inhabitants/node-traffic.ts';
import { addressPeer } from '../rows/peer-sets.ts';
import type { PortId, PortTable } from '../ports/port-table.ts';
import { unionPorts, type PortSet, type Protocol } from '../ports/ports.ts';
import { isHeadless, servicePorts, serviceTargets, type ServicePort } from '../inhabitants/services.ts';
import type { PeerQuery } from '../types.ts';

export interface ReachPort {
  readonly port: number;
  /** TCP when absent. */
  readonly protocol?: Protocol;
}

/** One peer a question is about, with the ports asked for there. */
export interface Party {
  readonly peer: number;
  readonly asked: PortId;
  /** Set when the question is about this very pod. */
  readonly pod?: Endpoint;
  /** The pods of the class that are meant; all of them when absent. */
  readonly members?: readonly Endpoint[];
  /** The node whose address this is. */
  readonly node?: string;
  /** Reached through a Service: a pod that reaches itself so is not exempt everywhere. */
  readonly throughService?: boolean;
  /** The address families that are meant: bits 1 (IPv4) and 2 (IPv6); both when absent. */
  readonly families?: number;
  /** Only clients on the nodes of these pods are led to them (`internalTrafficPolicy: Local`). */
  readonly fromOwnNode?: boolean;
}

/** Whom a question names, or why there is nobody to ask about. */
export type Parties =
  | { readonly kind: 'found'; readonly parties: readonly Party[] }
  | { readonly kind: 'none'; readonly because: Because }
  /** There is nobody to connect to, for certain. */
  | { readonly kind: 'closed'; readonly because: Because };

export interface PartiesInput {
  readonly snapshot: Snapshot;
  readonly inhabitants: Inhabitants;
  readonly directory: Directory;
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly nodes: NodeTraffic;
}

type PartyFinder = (query: PeerQuery, asked: PortId, port: ReachPort | undefined) => Parties;

/** Finds the peers a question names, each with the ports asked for there. */
export function createPartyFinder(input: PartiesInput): PartyFinder {
  const { snapshot, classes, inhabitants, directory } = input;
  const found = (parties: readonly Party[]): Parties => ({ kind: 'found', parties });
  const ofClasses = (list: readonly PodClass[], asked: PortId): readonly Party[] =>
    list.map(({ index }) => ({ peer: index, asked }));
  const ofPod = (pod: Endpoint, asked: PortId): Parties =>
    found(classesOf(classes, pod).map(({ index }) => ({ peer: index, asked, pod })));

  const ofWorkload = (query: PeerQuery & { readonly kind: 'workload' }, asked: PortId): Parties => {
    const { namespace, name, workloadKind } = query;
    const isKind = (kind: string | undefined): boolean => workloadKind === undefined || workloadKind === kind;
    const named = directory.named(namespace, name).filter((index) => isKind(inhabitants.workloads[index]?.ref.kind));
    if (named.length > 0) {
      const parties = named.flatMap((index) => partiesOf(classes, index, asked));
      const [only, ...more] = named.flatMap((index) => inhabitants.workloads[index]?.endpoints ?? []);
      const one = only?.pod !== undefined && more.length === 0 ? { pod: only } : {};
      return found(parties.map((party) => ({ ...party, ...one })));
    }
    const pod = isKind('Pod') ? directory.podNamed(namespace, name) : undefined;
    if (pod) return ofPod(pod, asked);
    const promised = isKind('Pod') ? ofStatefulSet(namespace, name) : undefined;
    if (!promised) return missing(snapshot, `workload or pod ${namespace}/${name}`, ['Pod']);
    const parties = partiesOf(classes, promised.workload.index, asked);
    return found(parties.map((party) => ({ ...party, pod: promised })));
  };

  const promises = new Map<string, Endpoint>();
  /** A pod that a StatefulSet without pods will make: their names are known beforehand, `NAME-0` and on. */
  const ofStatefulSet = (namespace: string, name: string): Endpoint | undefined => {
    const known = promises.get(`${namespace}/${name}`);
    if (known) return known;
    const [, owner = '', ordinal = ''] = /^(.+)-(0|[1-9]\d*)$/.exec(name) ?? [];
    const index = directory
      .named(namespace, owner)
      .find((one) => inhabitants.workloads[one]?.ref.kind === 'StatefulSet');
    const [template] = index === undefined ? [] : (inhabitants.workloads[index]?.endpoints ?? []);
    const spec = record(snapshot.get('StatefulSet.apps', namespace, owner)?.object['spec']);
    const nth = Number(ordinal) - (number(at(spec, 'ordinals', 'start')) ?? 0);
    if (!template || template.pod !== undefined || nth < 0 || nth >= (number(spec['replicas']) ?? 1)) return undefined;
    const pod: Endpoint = { ...template, pod: name };
    promises.set(`${namespace}/${name}`, pod);
    return pod;
  };

  /** The pods with an address in a range, as what they are by that address. */
  const podsIn = ({ from, to }: IpRange, asked: PortId): readonly Party[] => {
    const family = typeof from === 'number' ? 1 : 2;
    const inside = (value: IpValue): boolean => typeof value === typeof from && from <= value && value <= to;
    const found = new Map<number, Endpoint[]>();
    for (const { endpoints } of inhabitants.workloads)
      for (const endpoint of endpoints.filter(({ addresses }) => addresses.some(inside)))
        for (const { index, families } of classesOf(classes, endpoint))
          if ((families & family) !== 0) found.set(index, [...(found.get(index) ?? []), endpoint]);
    return [...found].map(([peer, members]) => ({ peer, asked, members, families: family }));
  };

  const ofCidr = ({ cidr, withPods }: PeerQuery & { readonly kind: 'cidr' }, asked: PortId): Parties => {
    const address = parseIp(cidr.replace(/\/(32|128)$/, ''));
    const pod = address === undefined ? undefined : directory.podAt(address);
    if (pod) {
      const family = typeof address === 'number' ? 1 : 2;
      const faces = classesOf(classes, pod).filter(({ families }) => (families & family) !== 0);
      return found(faces.map(({ index }) => ({ peer: index, asked, pod, families: family })));
    }
    const parsed = parseCidr(cidr);
    const network = parsed.kind === 'invalid' ? undefined : parsed.range;
    const range = address === undefined ? network : { from: address, to: address };
    if (!range) return missing(snapshot, `address ${cidr}`, []);
    const peers = outside(input.space, [range]);
    const pods = withPods === true && address === undefined ? podsIn(range, asked) : [];
    if (peers.length === 0) {
      const says = `this profile knows no addresses of the family of ${cidr}`;
      return { kind: 'none', because: { kind: 'parameter', parameter: 'families', says } };
    }
    const node = address === undefined ? undefined : input.nodes.nodeAt(address);
    return found([...pods, ...peers.map((peer) => ({ peer, asked, ...(node === undefined ? {} : { node }) }))]);
  };

  const resolve: PartyFinder = (query, asked, port) => {
    switch (query.kind) {
      case 'workload':
        return ofWorkload(query, asked);
      case 'namespace': {
        const inside = classes.byNamespace.get(query.namespace) ?? [];
        return inside.length > 0
          ? found(ofClasses(inside, asked))
          : missing(snapshot, `pod in namespace ${query.namespace}`, ['Pod']);
      }
      case 'internet':
        return found(outside(input.space, INTERNET).map((peer) => ({ peer, asked })));
      case 'cidr':
        return ofCidr(query, asked);
      case 'service':
        return ofService(input, query, port);
    }
  };

  // Who asks about many pairs asks with the same query again.
  const known = new WeakMap<PeerQuery, Map<PortId, Parties>>();
  return (query, asked, port) => {
    if (query.kind !== 'workload' && query.kind !== 'cidr') return resolve(query, asked, port);
    let parties = known.get(query);
    if (!parties) known.set(query, (parties = new Map<PortId, Parties>()));
    let same = parties.get(asked);
    if (!same) parties.set(asked, (same = resolve(query, asked, port)));
    return same;
  };
}

/** Whoever is behind a Service, with the ports a packet to it has there. */
function ofService(
  { snapshot, inhabitants, classes, space, table }: PartiesInput,
  { namespace, name }: PeerQuery & { readonly kind: 'service' },
  port: ReachPort | undefined,
): Parties {
  const service = snapshot.get('Service', namespace, name);
  if (!service) return missing(snapshot, `Service ${namespace}/${name}`, ['Service']);
  const isAsked = (one: ServicePort): boolean =>
    port === undefined || (one.port === port.port && one.protocol === (port.protocol ?? 'TCP'));
  const targets = serviceTargets(snapshot, inhabitants, service, isAsked);
  if (targets.unknown !== undefined) {
    const says = `what is behind Service ${namespace}/${name} is not known: ${targets.unknown}`;
    return { kind: 'none', because: { kind: 'absence', of: 'endpoints', says } };
  }
  if (port && !servicePorts(service.object).some(isAsked)) {
    const says = `Service ${namespace}/${name} has no port ${port.port}/${port.protocol ?? 'TCP'}`;
    return { kind: 'closed', because: { kind: 'absence', of: `port ${port.port}`, says } };
  }
  const behind = new Map<number, { ports: PortSet; pods: Endpoint[] }>();
  for (const { endpoint, ports } of targets.backends) {
    for (const { index } of classesOf(classes, endpoint)) {
      const known = behind.get(index) ?? { ports: {}, pods: [] };
      behind.set(index, { ports: unionPorts(known.ports, ports), pods: [...known.pods, endpoint] });
    }
  }
  // Who connects to the name of a headless Service connects to the pods.
  const fromOwnNode = at(service.object, 'spec', 'internalTrafficPolicy') === 'Local' && !isHeadless(service.object);
  const families = familiesOf(service.object);
  const parties = [
    ...[...behind].map(([peer, { ports, pods }]): Party => {
      const [only, ...more] = pods;
      const one = only?.pod !== undefined && more.length === 0 ? { pod: only } : {};
      return { peer, asked: table.id(ports), members: pods, throughService: true, families, fromOwnNode, ...one };
    }),
    ...targets.addresses.flatMap(({ value, ports }) =>
      outside(space, [{ from: value, to: value }]).map((peer) => ({ peer, asked: table.id(ports) })),
    ),
  ];
  return parties.length > 0
    ? { kind: 'found', parties }
    : missing(snapshot, `pod behind Service ${namespace}/${name}`, ['Pod']);
}

/** The families a Service has addresses of; both where that is left to the cluster. */
function familiesOf(service: KubernetesObject): number {
  const written = strings(at(service, 'spec', 'ipFamilies'));
  const own = written.length > 0 ? written : strings(at(service, 'spec', 'clusterIPs')).map(familyNamed);
  const bits = (own.includes('IPv4') ? 1 : 0) | (own.includes('IPv6') ? 2 : 0);
  return bits === 0 ? 3 : bits;
}

function familyNamed(address: string): string {
  const value = parseIp(address);
  return value === undefined ? '' : typeof value === 'number' ? 'IPv4' : 'IPv6';
}

/** The pods of a workload, class by class. */
export function partiesOf(classes: Classes, workload: number, asked: PortId): readonly Party[] {
  return (classes.ofWorkload[workload] ?? []).map(({ index, members }) => {
    const own = members.filter((member) => member.workload.index === workload);
    return { peer: index, asked, members: own };
  });
}

function classesOf(classes: Classes, endpoint: Endpoint): readonly PodClass[] {
  return (classes.ofWorkload[endpoint.workload.index] ?? []).filter(({ members }) => members.includes(endpoint));
}

/** Classes of the addresses in some ranges. */
function outside({ intervals }: AddressSpace, ranges: readonly IpRange[]): readonly number[] {
  const hit = new Set<number>();
  for (const { from, to, address } of intervals)
    if (ranges.some((range) => typeof range.from === typeof from && range.from <= to && from <= range.to))
      hit.add(address);
  return [...hit].map(addressPeer);
}

function missing(snapshot: Snapshot, what: string, kinds: readonly string[]): Parties {
  const [gap] = snapshot.gaps(kinds);
  const says = `there is no ${what} in what was read`;
  return {
    kind: 'none',
    because: gap ? { kind: 'gap', gap, says: `${says}, and ${gap.detail}` } : { kind: 'absence', of: what, says },
  };
}
