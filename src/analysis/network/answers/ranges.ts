import type { AddressSpace } from '../addresses/address-space.ts';
import { formatIp, type IpValue } from '../addresses/ip.ts';
import { NONE, type PortId } from '../ports/port-table.ts';
import type { Peer } from '../types.ts';

export type RangePeer = Peer & { readonly kind: 'range' };

/** Writes classes of addresses as ranges; neighbouring intervals are one range. */
export interface Ranges {
  /** The ranges of some classes. O(their intervals). */
  of(addresses: Int32Array): readonly RangePeer[];
  /** The ranges of equal ports, by the ports of each class. O(intervals). */
  byPorts(ports: Int32Array): readonly (readonly [range: RangePeer, ports: PortId])[];
}

export function createRanges({ intervals, size }: AddressSpace): Ranges {
  let places: number[][] | undefined;
  const placesOf = (address: number): readonly number[] => {
    if (!places) {
      places = Array.from({ length: size }, () => []);
      for (const [place, interval] of intervals.entries()) places[interval.address]?.push(place);
    }
    return places[address] ?? [];
  };
  // The same bounds are listed for thousands of workloads.
  const texts = new Map<IpValue, string>();
  const written = (value: IpValue): string => {
    let text = texts.get(value);
    if (text === undefined) texts.set(value, (text = formatIp(value)));
    return text;
  };
  const range = (first: number, last: number): RangePeer => ({
    kind: 'range',
    from: written(intervals[first]?.from ?? 0),
    to: written(intervals[last]?.to ?? 0),
  });
  const isOneFamily = (a: number, b: number): boolean => typeof intervals[a]?.from === typeof intervals[b]?.from;
  return {
    of(addresses) {
      const found: RangePeer[] = [];
      const all: number[] = [];
      for (let i = 0; i < addresses.length; i++) for (const place of placesOf(addresses[i] as number)) all.push(place);
      const sorted = new Int32Array(all).sort();
      for (let start = 0; start < sorted.length;) {
        let end = start + 1;
        const at = (i: number): number => sorted[i] ?? -1;
        while (end < sorted.length && at(end) === at(end - 1) + 1 && isOneFamily(at(end), at(start))) end++;
        found.push(range(at(start), at(end - 1)));
        start = end;
      }
      return found;
    },
    byPorts(ports) {
      const found: (readonly [RangePeer, PortId])[] = [];
      const at = (place: number): PortId => ports[intervals[place]?.address ?? 0] ?? NONE;
      for (let start = 0; start < intervals.length;) {
        let end = start + 1;
        while (end < intervals.length && at(end) === at(start) && isOneFamily(end, start)) end++;
        if (at(start) !== NONE) found.push([range(start, end - 1), at(start)]);
        start = end;
      }
      return found;
    },
  };
}
