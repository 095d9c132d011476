import { spaceOf, type AddressBlock, type AddressInterval, type AddressSpace } from './address-space.ts';
import { after, before, contains, type IpRange, type IpValue } from './ip.ts';

/** A space with one more block drawn into it, and what that did to its classes. */
export interface AddressSplit {
  readonly space: AddressSpace;
  /** Classes of which a part is a class of its own now, with the number of that one. All other addresses keep their number. */
  readonly parts: ReadonlyMap<number, number>;
}

/**
 * Draws one more block. A class that is partly inside is split: the part inside gets a new number, or the part outside
 * where `keepsInside` says so. O(intervals).
 */
export function splitSpace(
  space: AddressSpace,
  block: AddressBlock,
  keepsInside: (address: number) => boolean,
): AddressSplit {
  const bounds = [block.range, ...block.except].flatMap(({ from, to }) => [from, after(to)]);
  const { range } = block;
  const touches = (interval: IpRange): boolean =>
    typeof interval.from === typeof range.from && interval.from <= range.to && range.from <= interval.to;
  const cut = space.intervals.flatMap((interval) => (touches(interval) ? cutAt(interval, bounds) : interval));
  const inside = cut.map((interval) => touches(interval) && isInside(interval, block));
  const halves = new Map<number, { inside: number; outside: number }>();
  cut.forEach(({ address }, i) => {
    let half = halves.get(address);
    if (!half) halves.set(address, (half = { inside: 0, outside: 0 }));
    half[inside[i] === true ? 'inside' : 'outside']++;
  });
  const families = Array.from({ length: space.size }, (_, address) => space.familyOf(address));
  const parts = new Map<number, number>();
  const movesInside = new Map<number, boolean>();
  for (const [address, half] of halves) {
    if (half.inside === 0 || half.outside === 0) continue;
    movesInside.set(address, !keepsInside(address));
    parts.set(address, families.push(space.familyOf(address)) - 1);
  }
  if (parts.size === 0) return { space, parts };
  const intervals = cut.map((interval, i): AddressInterval => {
    const part = parts.get(interval.address);
    const moves = part !== undefined && movesInside.get(interval.address) === inside[i];
    return moves ? { ...interval, address: part } : interval;
  });
  return { space: spaceOf(intervals, families), parts };
}

/** Whether an address is in a block. */
export function isInBlock(value: IpValue, { range, except }: AddressBlock): boolean {
  if (typeof value !== typeof range.from || value < range.from || value > range.to) return false;
  for (const hole of except) if (value >= hole.from && value <= hole.to) return false;
  return true;
}

function isInside(range: IpRange, { range: whole, except }: AddressBlock): boolean {
  return contains(whole, range) && !except.some((hole) => contains(hole, range));
}

/** An interval cut before each of some values. */
function cutAt(interval: AddressInterval, values: readonly IpValue[]): readonly AddressInterval[] {
  const { from, to, address } = interval;
  const within = values.filter((value) => typeof value === typeof from && from < value && value <= to);
  if (within.length === 0) return [interval];
  const starts = [from, ...new Set(within)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return starts.map((start, i) => {
    const next = starts[i + 1];
    return { from: start, to: next === undefined ? to : before(next), address };
  });
}
