import { destinationGroups, outgoingGroups, peerOf, type ConnectionsInput } from './connections.ts';
import type { PortId } from './port-table.ts';
import type { PortSet } from './ports.ts';
import type { Peer } from './types.ts';

/** Everybody of one set may use these ports to everybody of the other. A workload in both sets says nothing about itself. */
export interface ConnectionGroup {
  readonly from: readonly Peer[];
  readonly to: readonly Peer[];
  readonly ports: PortSet;
}

/**
 * The list of connections as products of sets: each connection is in exactly one. A large cluster has tens of millions
 * of connections and some thousands of groups. Equal sets of sources are one array.
 */
export function groupConnections(input: ConnectionsInput): readonly ConnectionGroup[] {
  const { workloads, table } = input;
  const peers = workloads.map(peerOf);
  const groups = new Map<string, { from: readonly Peer[]; to: Peer[]; ports: PortSet }>();
  const sets = uniqueLists();
  const collect = (from: readonly Peer[], id: string, ports: PortId, to: readonly Peer[]): void => {
    const key = `${id} ${ports}`;
    const known = groups.get(key);
    if (known) for (const peer of to) known.to.push(peer);
    else groups.set(key, { from, to: [...to], ports: table.set(ports) });
  };
  for (const { destinations, reachedBy } of destinationGroups(input)) {
    const to = destinations.map((index) => peers[index] as Peer);
    const { workloads: sources, ranges } = reachedBy();
    for (const [ports, list] of byPorts(sources)) {
      const self = to.length === 1 ? destinations[0] : undefined;
      const others = list.filter((index) => index !== self).sort((a, b) => a - b);
      if (others.length === 0) continue;
      const { id, indexes } = sets(others);
      collect(fromOf(indexes, peers), `w${id}`, ports, to);
    }
    for (const [ports, list] of byPorts(ranges)) collect(list, rangesKey(list), ports, to);
  }
  const outgoing = new Map<string, { from: Peer[]; to: readonly Peer[]; ports: PortSet }>();
  for (const { sources, reaches } of outgoingGroups(input)) {
    const from = sources.map((index) => peers[index] as Peer);
    for (const [ports, list] of byPorts(reaches())) {
      const key = `${rangesKey(list)} ${ports}`;
      const known = outgoing.get(key);
      if (known) known.from.push(...from);
      else outgoing.set(key, { from: [...from], to: list, ports: table.set(ports) });
    }
  }
  return [...groups.values(), ...outgoing.values()];
}

const LISTS = new WeakMap<Int32Array, readonly Peer[]>();

function fromOf(indexes: Int32Array, peers: readonly Peer[]): readonly Peer[] {
  let list = LISTS.get(indexes);
  if (!list) LISTS.set(indexes, (list = Array.from(indexes, (index) => peers[index] as Peer)));
  return list;
}

function byPorts<T>(pairs: readonly (readonly [T, PortId])[]): ReadonlyMap<PortId, T[]> {
  const found = new Map<PortId, T[]>();
  for (const [value, ports] of pairs) {
    const known = found.get(ports);
    if (known) known.push(value);
    else found.set(ports, [value]);
  }
  return found;
}

function rangesKey(ranges: readonly (Peer & { kind: 'range' })[]): string {
  return ranges.map(({ from, to }) => `${from}-${to}`).join();
}

/** Gives equal sorted lists one number and one array. By hash first: the lists are long and nearly all different. */
function uniqueLists(): (list: readonly number[]) => { readonly id: number; readonly indexes: Int32Array } {
  const known = new Map<number, { readonly id: number; readonly indexes: Int32Array }[]>();
  let next = 0;
  return (list) => {
    let hash = list.length;
    for (const value of list) hash = (Math.imul(hash, 31) + value) | 0;
    let same = known.get(hash);
    if (!same) known.set(hash, (same = []));
    let found = same.find(
      ({ indexes }) => indexes.length === list.length && indexes.every((value, i) => value === list[i]),
    );
    if (!found) same.push((found = { id: next++, indexes: Int32Array.from(list) }));
    return found;
  };
}
