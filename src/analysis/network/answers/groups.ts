import type { NetworkWorkload } from '../inhabitants/endpoints.ts';
import type { PortTable } from '../ports/port-table.ts';
import type { PortSet } from '../ports/ports.ts';
import type { Product } from './products.ts';
import type { Ranges } from './ranges.ts';
import type { Side } from '../classes/sides.ts';
import type { Peer } from '../types.ts';

/**
 * Everybody of one set may use these ports to everybody of the other. A workload in both sets says nothing about
 * itself. A pair may be in several groups, and may use the ports of all of them.
 */
export interface ConnectionGroup {
  readonly from: readonly Peer[];
  readonly to: readonly Peer[];
  readonly ports: PortSet;
}

/** A workload as a peer. */
export function peerOf(workload: NetworkWorkload): Peer {
  return { kind: 'workload', ref: workload.ref };
}

/**
 * All connections as products of sets: a large cluster has tens of millions of connections and some thousands of groups.
 * Equal sets are one array.
 */
export function groupConnections(
  products: readonly Product[],
  workloads: readonly NetworkWorkload[],
  table: PortTable,
  ranges: Ranges,
): readonly ConnectionGroup[] {
  const peers = workloads.map(peerOf);
  const written = new Map<Side, readonly Peer[]>();
  const peersOf = (side: Side): readonly Peer[] => {
    let known = written.get(side);
    if (!known) {
      known = side.kind === 'workloads' ? peersAt(side.members, peers) : ranges.of(side.members);
      written.set(side, known);
    }
    return known;
  };
  return products.filter(saysSomething).map(({ from, to, ports }) => ({
    from: peersOf(from),
    to: peersOf(to),
    ports: table.set(ports),
  }));
}

/** A workload with itself is no connection. */
function saysSomething({ from, to }: Product): boolean {
  return from.kind !== to.kind || from.members.length > 1 || to.members.length > 1 || from.members[0] !== to.members[0];
}

/** O(members), without an iterator: there are a million. */
function peersAt(members: Int32Array, peers: readonly Peer[]): readonly Peer[] {
  const found: Peer[] = [];
  for (let i = 0; i < members.length; i++) found.push(peers[members[i] as number] as Peer);
  return found;
}
