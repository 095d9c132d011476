import { formatPorts, type ConnectionGroup, type Peer } from '../../analysis/network/index.ts';
import { formatPeer } from '../../analysis/network/report.ts';

/** Groups of connections with the names of all peers sorted once, and each peer as its place among them. */
export interface NumberedGroups {
  readonly names: readonly string[];
  readonly groups: readonly NumberedGroup[];
  /** Connections the groups stand for. */
  readonly count: number;
}

/** Everybody of `from` may use the ports to everybody of `to`, but for a peer with itself. Both are sorted. */
export interface NumberedGroup {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly ports: string;
}

/** Numbers the peers of groups; with a filter only the sources that pass it are left. O(members of distinct sets). */
export function numberGroups(
  given: readonly ConnectionGroup[],
  wanted: (source: Peer) => boolean = () => true,
): NumberedGroups {
  const written = new Map<string, number>();
  const known = new Map<Peer, number>();
  const numberOf = (peer: Peer): number => {
    let number = known.get(peer);
    if (number === undefined) {
      const name = formatPeer(peer);
      number = written.get(name) ?? written.size;
      written.set(name, number);
      known.set(peer, number);
    }
    return number;
  };
  const numbersOf = shared((peers: readonly Peer[]) => {
    const numbers = new Int32Array(peers.length);
    for (let i = 0; i < numbers.length; i++) numbers[i] = numberOf(peers[i] as Peer);
    return numbers;
  });
  const sourcesOf = shared((peers: readonly Peer[]) => numbersOf(peers.filter(wanted)));
  const draft = given
    .map(({ from, to, ports }) => ({ from: sourcesOf(from), to, ports }))
    .filter(({ from }) => from.length);
  const drawn = draft.map((group) => ({ ...group, to: numbersOf(group.to) }));

  const names = [...written.keys()].sort();
  const places = new Int32Array(names.length);
  names.forEach((name, place) => (places[written.get(name) ?? 0] = place));
  const among = new Uint8Array(names.length);
  const sorted = shared((numbers: Int32Array) => inOrder(numbers, places, among));
  const textOf = shared(formatPorts);
  const groups = drawn.map(({ from, to, ports }) => ({ from: sorted(from), to: sorted(to), ports: textOf(ports) }));
  return { names, groups, count: countConnections(groups, names.length) };
}

/** The places of peers, sorted. A long list is marked among all and read off: that takes no comparisons. */
function inOrder(numbers: Int32Array, places: Int32Array, among: Uint8Array): Int32Array {
  const sorted = new Int32Array(numbers.length);
  if (numbers.length * 16 < among.length) {
    for (let i = 0; i < numbers.length; i++) sorted[i] = places[numbers[i] ?? 0] ?? 0;
    return sorted.sort();
  }
  for (let i = 0; i < numbers.length; i++) among[places[numbers[i] ?? 0] ?? 0] = 1;
  for (let place = 0, i = 0; place < among.length; place++) {
    if (among[place] === 0) continue;
    among[place] = 0;
    sorted[i++] = place;
  }
  return sorted;
}

function countConnections(groups: readonly NumberedGroup[], size: number): number {
  const among = new Uint8Array(size);
  let count = 0;
  for (const { from, to } of groups) {
    count += from.length * to.length;
    for (const peer of to) among[peer] = 1;
    for (const peer of from) if (among[peer] === 1) count--;
    for (const peer of to) among[peer] = 0;
  }
  return count;
}

/** Computes once for each object: equal sets of groups are one array. */
function shared<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}
