import type { AddressSpace } from './address-space.ts';
import type { Classes, PodClass } from './classes.ts';
import type { NetworkWorkload } from './endpoints.ts';
import { formatIp, type IpValue } from './ip.ts';
import { workloadsByClass, type Matrix } from './matrix.ts';
import { NONE, type PortId, type PortTable } from './port-table.ts';
import type { Connection, Peer } from './types.ts';

export interface ConnectionsInput {
  readonly workloads: readonly NetworkWorkload[];
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly table: PortTable;
  readonly matrix: Matrix;
  /** Host-network pods have two readings and only what both allow is certain. */
  readonly bothReadings: boolean;
}

/** Which connections to list; everything when absent. */
export interface ConnectionFilter {
  readonly from?: (peer: Peer) => boolean;
  readonly to?: (peer: Peer) => boolean;
}

/** A workload as a peer. */
export function peerOf(workload: NetworkWorkload): Peer {
  return { kind: 'workload', ref: workload.ref };
}

/**
 * Every connection that is certainly allowed, workload by workload: some pod of one reaches some pod of the other.
 * Ranges of equal ports are merged; a workload with itself, and ranges among themselves, are left out. In parts, so
 * that the list need never be held whole: those to each workload, then those of each to the outside.
 */
export function* connectionParts(
  input: ConnectionsInput,
  filter: ConnectionFilter = {},
): Generator<readonly Connection[]> {
  const { workloads, table } = input;
  const peers = workloads.map(peerOf);
  const wanted = workloads.map((workload) => filter.from?.(peers[workload.index] as Peer) ?? true);
  for (const group of destinationGroups(input)) {
    const to = group.destinations.filter((index) => filter.to?.(peers[index] as Peer) ?? true);
    if (to.length === 0) continue;
    const reached = group.reachedBy();
    for (const index of to) {
      const part: Connection[] = [];
      const here = peers[index] as Peer;
      for (const [source, ports] of reached.workloads)
        if (source !== index && wanted[source] === true)
          part.push({ from: peers[source] as Peer, to: here, ports: table.set(ports) });
      for (const [from, ports] of reached.ranges)
        if (filter.from?.(from) !== false) part.push({ from, to: here, ports: table.set(ports) });
      yield part;
    }
  }
  for (const group of outgoingGroups(input)) {
    const from = group.sources.filter((index) => wanted[index]);
    if (from.length === 0) continue;
    const ranges = group.reaches().filter(([to]) => filter.to?.(to) !== false);
    for (const index of from)
      yield ranges.map(([to, ports]): Connection => ({ from: peers[index] as Peer, to, ports: table.set(ports) }));
  }
}

type RangePorts = readonly (readonly [range: Peer & { kind: 'range' }, ports: PortId])[];

/** Workloads that the same peers reach on the same ports; who is among both is left to the caller. */
export interface DestinationGroup {
  readonly destinations: readonly number[];
  reachedBy(): {
    readonly workloads: readonly (readonly [workload: number, ports: PortId])[];
    readonly ranges: RangePorts;
  };
}

export function* destinationGroups(input: ConnectionsInput): Generator<DestinationGroup> {
  const { workloads, classes, space, matrix } = input;
  const kinds = matrix.destinations();
  const groups = Map.groupBy(
    workloads.map(({ index }) => index),
    (index) => kindKey(classes.ofWorkload[index] ?? [], kinds.first),
  );
  const ofKind = workloadsByKind(classes, matrix);
  const pods = classes.all.length;
  const sum = readingSums(workloads.length + space.size, input);
  for (const destinations of groups.values()) {
    const [sample = 0] = destinations;
    yield {
      destinations,
      reachedBy() {
        const firsts = new Set((classes.ofWorkload[sample] ?? []).map(({ index }) => kinds.first[index] ?? index));
        for (const destination of firsts) {
          matrix.sourcesOf(destination, (source, ports) => {
            const world = worldOf(classes, source, destination);
            if (world === undefined) return;
            if (source >= pods) sum.add(world, workloads.length + source - pods, ports);
            else for (const workload of ofKind.get(source) ?? []) sum.add(world, workload, ports);
          });
        }
        const fromOutside = new Int32Array(space.size);
        const found: (readonly [number, PortId])[] = [];
        sum.drain((source, ports) => {
          if (source >= workloads.length) fromOutside[source - workloads.length] = ports;
          else found.push([source, ports]);
        });
        return { workloads: found, ranges: ranges(space, fromOutside) };
      },
    };
  }
}

/** Workloads that reach the same addresses outside on the same ports. */
export interface OutgoingGroup {
  readonly sources: readonly number[];
  reaches(): RangePorts;
}

export function* outgoingGroups({
  workloads,
  classes,
  space,
  table,
  matrix,
  bothReadings,
}: ConnectionsInput): Generator<OutgoingGroup> {
  const kinds = matrix.sources();
  const groups = Map.groupBy(
    workloads.map(({ index }) => index),
    (index) => kindKey(classes.ofWorkload[index] ?? [], kinds.first),
  );
  for (const sources of groups.values()) {
    yield {
      sources,
      reaches() {
        const sum = readingSums(space.size, { table, bothReadings });
        for (const { index } of classes.ofWorkload[sources[0] ?? 0] ?? []) {
          const world = worldOf(classes, index, classes.all.length);
          if (world === undefined) continue;
          matrix.toOutside(index).forEach((ports, address) => {
            if (ports !== NONE) sum.add(world, address, ports);
          });
        }
        const allowed = new Int32Array(space.size);
        sum.drain((address, ports) => {
          allowed[address] = ports;
        });
        return ranges(space, allowed);
      },
    };
  }
}

function kindKey(own: readonly PodClass[], first: Int32Array): string {
  const [only, ...more] = own;
  if (only && more.length === 0) return String(first[only.index]);
  return [...new Set(own.map(({ index }) => first[index] ?? index))].sort((a, b) => a - b).join();
}

/** The workloads with pods of a kind of source, by the first class of the kind. */
function workloadsByKind(classes: Classes, matrix: Matrix): ReadonlyMap<number, readonly number[]> {
  const inClass = workloadsByClass(classes.all);
  const { members } = matrix.sources();
  return new Map(
    [...members].map(([first, all]) => [first, [...new Set(all.flatMap((index) => inClass[index] ?? []))]] as const),
  );
}

type World = 'any' | 'pod' | 'node';

/** The reading of host-network pods in which two classes meet: any when neither is one, none when they contradict. */
function worldOf(classes: Classes, source: number, destination: number): World | undefined {
  const from = classes.all[source];
  const to = classes.all[destination];
  const a = from?.hostNetwork === true ? from.reading : 'any';
  const b = to?.hostNetwork === true ? to.reading : 'any';
  if (a === 'any') return b;
  return b === 'any' || a === b ? a : undefined;
}

/** Adds up ports by peer: in any world, and in each reading; what readings allow is certain when both do. */
function readingSums(
  size: number,
  { table, bothReadings }: Pick<ConnectionsInput, 'table' | 'bothReadings'>,
): {
  add(world: World, peer: number, ports: PortId): void;
  drain(visit: (peer: number, ports: PortId) => void): void;
} {
  const sums = { any: new Int32Array(size), pod: new Int32Array(size), node: new Int32Array(size) };
  const seen = new Uint8Array(size);
  let touched: number[] = [];
  return {
    add(world, peer, ports) {
      if (seen[peer] === 0) {
        seen[peer] = 1;
        touched.push(peer);
      }
      sums[world][peer] = table.union(sums[world][peer] ?? NONE, ports);
    },
    drain(visit) {
      for (const peer of touched) {
        const pod = sums.pod[peer] ?? NONE;
        const node = sums.node[peer] ?? NONE;
        const ports = table.union(
          sums.any[peer] ?? NONE,
          bothReadings ? table.intersect(pod, node) : table.union(pod, node),
        );
        sums.any[peer] = sums.pod[peer] = sums.node[peer] = seen[peer] = 0;
        if (ports !== NONE) visit(peer, ports);
      }
      touched = [];
    },
  };
}

/** Neighbouring intervals of equal ports as one range. */
export function ranges(space: AddressSpace, ports: Int32Array): RangePorts {
  const { intervals } = space;
  const found: [Peer & { kind: 'range' }, PortId][] = [];
  for (let start = 0; start < intervals.length;) {
    const first = intervals[start];
    if (!first) break;
    const here = ports[first.address] ?? NONE;
    let end = start + 1;
    for (let next = intervals[end]; next; next = intervals[++end]) {
      if ((ports[next.address] ?? NONE) !== here || typeof next.from !== typeof first.from) break;
    }
    if (here !== NONE) {
      const from = written(space, first.from);
      found.push([{ kind: 'range', from, to: written(space, intervals[end - 1]?.to ?? first.to) }, here]);
    }
    start = end;
  }
  return found;
}

/** Bounds of intervals as texts: the same ones are listed for thousands of workloads. */
const WRITTEN = new WeakMap<AddressSpace, Map<IpValue, string>>();

function written(space: AddressSpace, value: IpValue): string {
  let texts = WRITTEN.get(space);
  if (!texts) WRITTEN.set(space, (texts = new Map()));
  let text = texts.get(value);
  if (text === undefined) texts.set(value, (text = formatIp(value)));
  return text;
}
