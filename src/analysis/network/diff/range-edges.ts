import { after as next, before as previous, formatIp, type IpRange, type IpValue } from '../addresses/ip.ts';
import { NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import type { Peer } from '../types.ts';
import type { ChangedEdge } from './changed-edge.ts';
import type { ComparableGroup } from './sides.ts';

/** A range of addresses and what may be used to or from it. */
interface Open {
  readonly range: IpRange;
  readonly ports: PortId;
}

/**
 * The changed edges with addresses on one side, workload by workload. Ranges of both states are cut at the bounds of both;
 * neighbours that changed alike are one range again. O(bounds of a workload, sorted) where few ranges overlap.
 */
export function* compareRanges(
  differing: readonly ComparableGroup[],
  before: readonly ComparableGroup[],
  after: readonly ComparableGroup[],
  peers: readonly Peer[],
  table: PortTable,
  side: 'from' | 'to',
): Generator<ChangedEdge> {
  const other = side === 'from' ? 'to' : 'from';
  const asked = new Set<number>();
  for (const group of differing) {
    const far = group[other];
    if (group[side].kind === 'ranges' && far.kind === 'peers') for (const peer of far.members) asked.add(peer);
  }
  const openTo = (groups: readonly ComparableGroup[]): ReadonlyMap<number, Open[]> => {
    const found = new Map<number, Open[]>([...asked].map((peer) => [peer, []]));
    for (const group of groups) {
      const [near, far] = [group[side], group[other]];
      if (near.kind !== 'ranges' || far.kind !== 'peers') continue;
      for (const peer of far.members)
        for (const range of near.members) found.get(peer)?.push({ range, ports: group.ports });
    }
    return found;
  };
  const [wasOpen, isOpen] = [openTo(before), openTo(after)];
  for (const peer of asked) {
    for (const { range, was, is } of compareAddresses(wasOpen.get(peer) ?? [], isOpen.get(peer) ?? [], table)) {
      const addresses: Peer = { kind: 'range', from: formatIp(range.from), to: formatIp(range.to) };
      const workload = peers[peer] as Peer;
      const ports = { was: table.set(was), is: table.set(is) };
      yield side === 'from' ? { from: addresses, to: workload, ...ports } : { from: workload, to: addresses, ...ports };
    }
  }
}

interface Compared {
  readonly range: IpRange;
  readonly was: PortId;
  readonly is: PortId;
}

function compareAddresses(was: readonly Open[], is: readonly Open[], table: PortTable): readonly Compared[] {
  const found: { range: { readonly from: IpValue; to: IpValue }; was: PortId; is: PortId }[] = [];
  for (const family of ['number', 'bigint'] as const) {
    const sides = [was, is].map((side) => side.filter(({ range }) => typeof range.from === family));
    const cuts = new Set(sides.flat().flatMap(({ range }) => [range.from, next(range.to)]));
    const bounds = [...cuts].sort(byValue);
    const [before, after] = sides.map((side) => sweep(side, bounds, table));
    bounds.slice(0, -1).forEach((from, i) => {
      const to = previous(bounds[i + 1] as IpValue);
      const [a, b] = [before?.[i] ?? NONE, after?.[i] ?? NONE];
      if (a === b) return;
      const last = found.at(-1);
      if (last && last.was === a && last.is === b && typeof last.range.to === family && next(last.range.to) === from)
        last.range.to = to;
      else found.push({ range: { from, to }, was: a, is: b });
    });
  }
  return found;
}

/** The ports open on each interval between sorted bounds, among which are all bounds of the ranges. */
function sweep(open: readonly Open[], bounds: readonly IpValue[], table: PortTable): readonly PortId[] {
  const starting = Map.groupBy(open, ({ range }) => range.from);
  let active: readonly Open[] = [];
  return bounds.map((bound) => {
    active = [...active.filter(({ range }) => range.to >= bound), ...(starting.get(bound) ?? [])];
    return active.reduce<PortId>((sum, { ports }) => table.union(sum, ports), NONE);
  });
}

function byValue(a: IpValue, b: IpValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
