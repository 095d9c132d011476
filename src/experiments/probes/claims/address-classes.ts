import {
  after,
  before,
  contains,
  formatIp,
  formatRange,
  parseCidr,
  type IpRange,
} from '../../../analysis/network/addresses/ip.ts';
import { compare } from '../../../model/order.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

/** One address that speaks for all that every policy treats alike. */
export interface AddressClass {
  readonly address: string;
  /** A range of the class, for a person. */
  readonly range: string;
}

/** Every block of addresses that any policy names, in whatever field. */
export function blocksOf(snapshot: Snapshot): readonly IpRange[] {
  const blocks = new Map<string, IpRange>();
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner);
    if (typeof value !== 'string' || !value.includes('/')) return;
    const parsed = parseCidr(value);
    if (parsed.kind !== 'invalid') blocks.set(formatRange(parsed.range), parsed.range);
  };
  for (const kind of snapshot.kinds().filter((name) => /NetworkPolicy/.test(name)))
    for (const { object } of snapshot.list(kind)) collect(object['spec']);
  return [...blocks.values()];
}

/**
 * The fewest addresses that speak for all addresses of some ranges, given the blocks that policies tell addresses apart
 * by: two addresses of one family that lie in the same blocks are treated alike by every policy.
 */
export function classesOfAddresses(
  ranges: readonly IpRange[],
  blocks: readonly IpRange[],
  canBe: (address: string) => boolean,
): readonly AddressClass[] {
  const classes = new Map<string, AddressClass>();
  for (const range of ranges) {
    for (const piece of piecesOf(range, blocks)) {
      const inside = [
        typeof piece.from,
        ...blocks.flatMap((block, index) => (contains(block, piece) ? [index] : [])),
      ].join(' ');
      if (classes.has(inside)) continue;
      // The first address of a network is its own name.
      const values = [after(piece.from), piece.from, piece.to].filter((value) => value <= piece.to);
      const address = values.map(formatIp).find(canBe);
      if (address !== undefined) classes.set(inside, { address, range: formatRange(piece) });
    }
  }
  return [...classes.values()];
}

/** A range cut at the borders of all blocks. */
function piecesOf(range: IpRange, blocks: readonly IpRange[]): readonly IpRange[] {
  const cuts = blocks
    .filter(({ from }) => typeof from === typeof range.from)
    .flatMap(({ from, to }) => [from, ...(to < range.to ? [after(to)] : [])])
    .filter((start) => start > range.from && start <= range.to);
  const starts = [range.from, ...new Set(cuts)].sort(compare);
  return starts.map((from, index) => {
    const next = starts[index + 1];
    return { from, to: next === undefined ? range.to : before(next) };
  });
}
