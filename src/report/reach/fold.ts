import { formatPorts, type ConnectionGroup, type Peer } from '../../analysis/network/index.ts';
import { compare, formatPeer } from '../../analysis/network/answers/report.ts';
import { memoised } from '../../model/memoised.ts';

/** Peers that stand together on a side of several groups, under a name such as `{set 1}`. */
export interface PeerSet {
  readonly name: string;
  readonly members: readonly string[];
}

/**
 * Everybody of one side may use these ports to everybody of the other, but for a peer with itself. A side names peers, or
 * one set. A pair may be in several groups: it may use the ports of all of them.
 */
export interface FoldedGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: string;
}

/** The list of connections as products; with their members in their place, the sets unfold to the list. */
export interface Folded {
  readonly sets: readonly PeerSet[];
  readonly groups: readonly FoldedGroup[];
}

/** A set is worth its name from this many members on. */
const LEAST = 8;

/**
 * Writes groups with names, sorted by the first name of each side. The analysis gives equal sides as one array: a long one
 * that is a side of several groups is written once. With a filter only sources that pass it are left. O(members of the
 * distinct sides, sorted).
 */
export function fold(given: readonly ConnectionGroup[], wanted?: (source: Peer) => boolean): Folded {
  const sourcesOf = memoised((peers: readonly Peer[]) => (wanted ? peers.filter(wanted) : peers));
  const groups = given
    .map(({ from, to, ports }) => ({ from: sourcesOf(from), to, ports }))
    .filter(({ from }) => from.length > 0);
  const uses = new Map<readonly Peer[], number>();
  for (const side of groups.flatMap(({ from, to }) => [from, to])) uses.set(side, (uses.get(side) ?? 0) + 1);

  const names = sortedNames(uses.keys());
  const namesOf = (side: readonly Peer[]): readonly string[] => names.get(side) ?? [];
  const textOf = memoised(formatPorts);
  const firstOf = (side: readonly Peer[]): string => namesOf(side)[0] ?? '';
  const sorted = groups
    .map(({ from, to, ports }) => ({ from, to, ports: textOf(ports), first: [firstOf(from), firstOf(to)] as const }))
    .sort((a, b) => compare(a.first[0], b.first[0]) || compare(a.first[1], b.first[1]) || compare(a.ports, b.ports));
  const sets: PeerSet[] = [];
  const written = memoised((side: readonly Peer[]): readonly string[] => {
    const members = namesOf(side);
    if (members.length < LEAST || (uses.get(side) ?? 0) < 2) return members;
    const name = `{set ${sets.length + 1}}`;
    sets.push({ name, members });
    return [name];
  });
  return {
    groups: sorted.map(({ from, to, ports }) => ({ from: written(from), to: written(to), ports })),
    sets,
  };
}

/** The names of the peers of each side, in order. Peers stand on many sides, so their names are put in order once. */
function sortedNames(sides: Iterable<readonly Peer[]>): ReadonlyMap<readonly Peer[], readonly string[]> {
  const numbers = new Map<Peer, number>();
  const numberOf = (peer: Peer): number => {
    let number = numbers.get(peer);
    if (number === undefined) numbers.set(peer, (number = numbers.size));
    return number;
  };
  const numbered = Array.from(sides, (side) => [side, Int32Array.from(side, numberOf)] as const);
  const unordered = Array.from(numbers.keys(), formatPeer);
  const order = [...unordered.keys()].sort((a, b) => compare(unordered[a] ?? '', unordered[b] ?? ''));
  const ordered = order.map((number) => unordered[number] ?? '');
  const placeOf = new Int32Array(order.length);
  order.forEach((number, place) => (placeOf[number] = place));
  return new Map(
    numbered.map(([side, members]) => {
      const places = members.map((number) => placeOf[number] ?? 0).sort();
      return [side, Array.from(places, (place) => ordered[place] ?? '')];
    }),
  );
}
