import type { AddressSpace } from './address-space.ts';
import type { Classes } from './classes.ts';
import type { NetworkWorkload } from './endpoints.ts';
import { formatIp } from './ip.ts';
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
 * Ranges of equal ports are merged; a workload with itself, and ranges among themselves, are left out.
 */
export function listConnections(input: ConnectionsInput, filter: ConnectionFilter = {}): Connection[] {
  const { workloads, classes, space, table, matrix } = input;
  const pods = classes.all.length;
  const inClass = workloadsByClass(classes.all);
  const peers = workloads.map(peerOf);
  const fromWorkload = workloads.map((workload) => filter.from?.(peers[workload.index] as Peer) ?? true);
  const found: Connection[] = [];
  const sum = readingSums(workloads.length + space.size, input);

  const collect = (destinations: readonly number[], self: number): void => {
    for (const destination of destinations) {
      matrix.sourcesOf(destination, (source, ports) => {
        const world = worldOf(classes, source, destination);
        if (world === undefined) return;
        if (source >= pods) sum.add(world, workloads.length + source - pods, ports);
        else for (const workload of inClass[source] ?? []) if (workload !== self) sum.add(world, workload, ports);
      });
    }
  };

  for (const workload of workloads) {
    const to = peers[workload.index] as Peer;
    if (filter.to?.(to) === false) continue;
    collect(
      (classes.ofWorkload[workload.index] ?? []).map(({ index }) => index),
      workload.index,
    );
    const fromOutside = new Int32Array(space.size);
    sum.drain((source, ports) => {
      if (source >= workloads.length) fromOutside[source - workloads.length] = ports;
      else if (fromWorkload[source]) found.push({ from: peers[source] as Peer, to, ports: table.set(ports) });
    });
    for (const [from, ports] of ranges(space, fromOutside)) {
      if (filter.from?.(from) !== false) found.push({ from, to, ports: table.set(ports) });
    }
  }
  for (const [workload, toOutside] of outgoing(input)) {
    if (!fromWorkload[workload]) continue;
    for (const [to, ports] of ranges(space, toOutside)) {
      if (filter.to?.(to) !== false) found.push({ from: peers[workload] as Peer, to, ports: table.set(ports) });
    }
  }
  return found;
}

/** Ports each workload may use to each class of outside addresses. */
function* outgoing({
  workloads,
  classes,
  space,
  table,
  matrix,
  bothReadings,
}: ConnectionsInput): Generator<readonly [workload: number, ports: Int32Array]> {
  const first = classes.all.length;
  for (const workload of workloads) {
    const sum = readingSums(space.size, { table, bothReadings });
    for (const podClass of classes.ofWorkload[workload.index] ?? []) {
      for (let address = 0; address < space.size; address++) {
        const ports = matrix.between(podClass.index, first + address);
        const world = worldOf(classes, podClass.index, first + address);
        if (world !== undefined && ports !== NONE) sum.add(world, address, ports);
      }
    }
    const ports = new Int32Array(space.size);
    sum.drain((address, allowed) => {
      ports[address] = allowed;
    });
    yield [workload.index, ports];
  }
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
export function ranges(
  space: AddressSpace,
  ports: Int32Array,
): readonly (readonly [Peer & { kind: 'range' }, PortId])[] {
  const found: [Peer & { kind: 'range' }, PortId][] = [];
  let open: { from: string; to: string; ports: PortId; family: string } | undefined;
  const close = (): void => {
    if (open && open.ports !== NONE) found.push([{ kind: 'range', from: open.from, to: open.to }, open.ports]);
  };
  for (const interval of space.intervals) {
    const here = ports[interval.address] ?? NONE;
    const family = typeof interval.from;
    if (open && open.ports === here && open.family === family) {
      open.to = here === NONE ? '' : formatIp(interval.to);
      continue;
    }
    close();
    open = { from: formatIp(interval.from), to: formatIp(interval.to), ports: here, family };
  }
  close();
  return found;
}
