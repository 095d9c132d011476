import type { NetworkAnalysis } from '../index.ts';
import { createPortTable, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { compare, formatPeer } from '../answers/report.ts';
import type { Peer } from '../types.ts';
import type { ChangedEdge } from './changed-edge.ts';
import { compareRanges } from './range-edges.ts';
import { comparable, type ComparableGroup, type PeerSide } from './sides.ts';

/**
 * The edges that differ between two states, sorted. A product of peers that both states have says nothing new, so only
 * workloads in other products are looked at, each with all products it stands in. O(members of those products, for each
 * workload), whatever the number of connections that stay.
 */
export function changedEdges(old: NetworkAnalysis, now: NetworkAnalysis): readonly ChangedEdge[] {
  const table = createPortTable();
  const { before, after, peers } = comparable(old.groups(), now.groups(), table);
  const [keysBefore, keysAfter] = [new Set(before.map(({ key }) => key)), new Set(after.map(({ key }) => key))];
  const differing = [
    ...before.filter(({ key }) => !keysAfter.has(key)),
    ...after.filter(({ key }) => !keysBefore.has(key)),
  ];
  const found = [
    ...betweenPeers(differing, before, after, peers, table),
    ...compareRanges(differing, before, after, peers, table, 'from'),
    ...compareRanges(differing, before, after, peers, table, 'to'),
  ];
  return found
    .map((edge) => ({ edge, from: formatPeer(edge.from), to: formatPeer(edge.to) }))
    .sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to))
    .map(({ edge }) => edge);
}

type BetweenPeers = ComparableGroup & { readonly from: PeerSide; readonly to: PeerSide };

function isBetweenPeers(group: ComparableGroup): group is BetweenPeers {
  return group.from.kind === 'peers' && group.to.kind === 'peers';
}

function* betweenPeers(
  differing: readonly ComparableGroup[],
  before: readonly ComparableGroup[],
  after: readonly ComparableGroup[],
  peers: readonly Peer[],
  table: PortTable,
): Generator<ChangedEdge> {
  const asked = new Set(differing.filter(isBetweenPeers).flatMap(({ to }) => [...to.members]));
  const into = (groups: readonly ComparableGroup[]): ReadonlyMap<number, BetweenPeers[]> => {
    const found = new Map<number, BetweenPeers[]>();
    for (const group of groups.filter(isBetweenPeers))
      for (const peer of group.to.members) {
        if (!asked.has(peer)) continue;
        const known = found.get(peer);
        if (known) known.push(group);
        else found.set(peer, [group]);
      }
    return found;
  };
  const [intoBefore, intoAfter] = [into(before), into(after)];
  const [was, is] = [new Int32Array(peers.length), new Int32Array(peers.length)];
  const seen = new Uint8Array(peers.length);
  for (const destination of asked) {
    const touched: number[] = [];
    const sum = (groups: readonly BetweenPeers[], sums: Int32Array): void => {
      for (const { from, ports } of groups)
        for (const source of from.members) {
          const known = sums[source] as PortId;
          sums[source] = known === NONE ? ports : table.union(known, ports);
          if (seen[source] === 0) touched.push(source);
          seen[source] = 1;
        }
    };
    sum(intoBefore.get(destination) ?? [], was);
    sum(intoAfter.get(destination) ?? [], is);
    for (const source of touched) {
      const [a, b] = [was[source] as PortId, is[source] as PortId];
      was[source] = is[source] = seen[source] = NONE;
      if (a !== b && source !== destination)
        yield { from: peers[source] as Peer, to: peers[destination] as Peer, was: table.set(a), is: table.set(b) };
    }
  }
}
