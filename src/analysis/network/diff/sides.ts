import { memoised } from '../../../model/memoised.ts';
import type { ConnectionGroup } from '../answers/groups.ts';
import { parseIp, type IpRange } from '../addresses/ip.ts';
import type { PortId, PortTable } from '../ports/port-table.ts';
import type { PortSet } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import type { Peer } from '../types.ts';

/** Peers by number, the same in both states; addresses by their bounds. */
export interface PeerSide {
  readonly kind: 'peers';
  readonly members: Int32Array;
}
export interface RangeSide {
  readonly kind: 'ranges';
  readonly members: readonly IpRange[];
}

export interface ComparableGroup {
  readonly from: PeerSide | RangeSide;
  readonly to: PeerSide | RangeSide;
  readonly ports: PortId;
  /** Equal for equal groups of either state. */
  readonly key: string;
}

export interface ComparableGroups {
  readonly before: readonly ComparableGroup[];
  readonly after: readonly ComparableGroup[];
  /** The peers of both states by number. */
  readonly peers: readonly Peer[];
}

/** Numbers the peers of two states by their names, and equal sides of either. A side is of peers or of addresses. */
export function comparable(
  before: readonly ConnectionGroup[],
  after: readonly ConnectionGroup[],
  table: PortTable,
): ComparableGroups {
  const peers: Peer[] = [];
  const numbers = new Map<string, number>();
  const numberOf = memoised((peer: Peer) => {
    const name = formatPeer(peer);
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = peers.push(peer) - 1));
    return number;
  });
  const known = new Map<string, number>();
  const idOf = (content: string): number => {
    let id = known.get(content);
    if (id === undefined) known.set(content, (id = known.size));
    return id;
  };
  const sideOf = memoised((side: readonly Peer[]): { readonly id: number; readonly side: PeerSide | RangeSide } => {
    if (side[0]?.kind === 'range') {
      const members = side.flatMap((peer) => (peer.kind === 'range' ? boundsOf(peer.from, peer.to) : []));
      return {
        id: idOf(members.map(({ from, to }) => `${typeof from} ${from}-${to}`).join()),
        side: { kind: 'ranges', members },
      };
    }
    const members = Int32Array.from(side, numberOf).sort();
    return { id: idOf(members.join()), side: { kind: 'peers', members } };
  });
  const portsOf = memoised((ports: PortSet) => table.id(ports));
  const read = (groups: readonly ConnectionGroup[]): readonly ComparableGroup[] =>
    groups.map((group) => {
      const [from, to, ports] = [sideOf(group.from), sideOf(group.to), portsOf(group.ports)];
      return { from: from.side, to: to.side, ports, key: `${from.id} ${to.id} ${ports}` };
    });
  return { before: read(before), after: read(after), peers };
}

function boundsOf(low: string, high: string): readonly IpRange[] {
  const [from, to] = [parseIp(low), parseIp(high)];
  return from === undefined || to === undefined ? [] : [{ from, to }];
}
