import { spaceOf, type AddressBlock, type AddressInterval, type AddressSpace } from './address-space.ts';
import { after, before, contains, type IpRange, type IpValue } from './ip.ts';

/** A space with one more block drawn into it, and what that did to its classes. */
export interface AddressSplit {
  readonly space: AddressSpace;
  /** Classes of which a part is a class of its own now, with the number of that one. All other addresses keep their number. */
  readonly parts: ReadonlyMap<number, number>;
}

/**
 * Draws one more block. `keepsInside` is asked about all classes that are partly inside: of those it gives back the part
 * outside gets a new number, of the others the part inside. O(intervals).
 */
export function splitSpace(
  space: AddressSpace,
  block: AddressBlock,
  keepsInside: (split: ReadonlySet<number>) => ReadonlySet<number>,
): AddressSplit {
  const { intervals } = space;
  const [start, end] = touchedBy(intervals, block.range);
  const bounds = [block.range, ...block.except].flatMap(({ from, to }) => [from, after(to)]);
  const cut = intervals.slice(start, end).flatMap((interval) => cutAt(interval, bounds));
  const inside = cut.map((interval) => isInside(interval, block));
  const elsewhere = [intervals.slice(0, start), intervals.slice(end)];
  const within = new Set(cut.flatMap(({ address }, i) => (inside[i] === true ? address : [])));
  // Those that are inside as a whole; most others are seen not to be after some steps.
  const whole = new Set(within);
  cut.forEach(({ address }, i) => inside[i] === true || whole.delete(address));
  for (const list of elsewhere)
    for (let i = 0; i < list.length && whole.size > 0; i++) whole.delete(list[i]?.address ?? 0);
  const split = new Set([...within].filter((address) => !whole.has(address)));
  if (split.size === 0) return { space, parts: new Map() };

  const families = Array.from({ length: space.size }, (_, address) => space.familyOf(address));
  const parts = new Map([...split].map((address) => [address, families.push(space.familyOf(address)) - 1]));
  const keeping = keepsInside(split);
  const renumbered = (interval: AddressInterval, isWithin: boolean): AddressInterval => {
    const { address } = interval;
    return split.has(address) && keeping.has(address) !== isWithin
      ? { ...interval, address: parts.get(address) ?? address }
      : interval;
  };
  const [first = [], last = []] = elsewhere.map((list) =>
    keeping.size === 0 ? list : list.map((interval) => renumbered(interval, false)),
  );
  const drawn = cut.map((interval, i) => renumbered(interval, inside[i] === true));
  return { space: spaceOf([...first, ...drawn, ...last], families), parts };
}

/** Whether an address is in a block. */
export function isInBlock(value: IpValue, { range, except }: AddressBlock): boolean {
  if (typeof value !== typeof range.from || value < range.from || value > range.to) return false;
  for (const hole of except) if (value >= hole.from && value <= hole.to) return false;
  return true;
}

/** The places of the intervals that have addresses of a range, from the first up to behind the last. */
function touchedBy(intervals: readonly AddressInterval[], range: IpRange): readonly [start: number, end: number] {
  const touches = (interval: IpRange): boolean =>
    typeof interval.from === typeof range.from && interval.from <= range.to && range.from <= interval.to;
  const start = intervals.findIndex(touches);
  if (start < 0) return [0, 0];
  let end = start + 1;
  for (let next = intervals[end]; next && touches(next); next = intervals[++end]);
  return [start, end];
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
