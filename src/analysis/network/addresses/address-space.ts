import { after, ALL_IPV4, ALL_IPV6, before, type Family, type IpRange, type IpValue } from './ip.ts';

/** A set of addresses written in policies: a range without holes in it. */
export interface AddressBlock {
  readonly range: IpRange;
  readonly except: readonly IpRange[];
}

/** A run of addresses that every policy treats alike, with the number of its class. */
export interface AddressInterval extends IpRange {
  readonly address: number;
}

/**
 * All addresses of the given families, cut at every bound some policy names. Intervals inside the same blocks share
 * a class number, so there are as many classes as kinds of address the policies can tell apart.
 */
export interface AddressSpace {
  /** Number of classes. */
  readonly size: number;
  /** Every interval, IPv4 first, in order; together they cover the families. */
  readonly intervals: readonly AddressInterval[];
  familyOf(address: number): Family;
  /** The class of one address; -1 outside the families. */
  classOf(value: IpValue): number;
  /** The classes inside a block that was given when the space was built, sorted. */
  inside(block: AddressBlock): readonly number[];
}

/** O(B log B) cuts; classes by partition refinement, O(sum of the intervals inside each block). */
export function createAddressSpace(blocks: readonly AddressBlock[], families: readonly Family[]): AddressSpace {
  const bounds = families.flatMap((family) => elementaryIntervals(family === 4 ? ALL_IPV4 : ALL_IPV6, blocks));
  const find = createFinder(bounds);
  // Start with one class a family; a block splits the classes it holds a part of.
  const familyOf: Family[] = [...families];
  const classes = Int32Array.from(bounds, ({ from }) => families.indexOf(typeof from === 'number' ? 4 : 6));
  const sizes = new Int32Array(bounds.length + families.length);
  for (const own of classes) sizes[own] = (sizes[own] ?? 0) + 1;
  const within = new Int32Array(sizes.length);
  const splitTo = new Int32Array(sizes.length);
  for (const block of blocks) {
    const touched: number[] = [];
    eachInside(block, find, (i) => {
      const old = classes[i] ?? 0;
      if (within[old] === 0) touched.push(old);
      within[old] = (within[old] ?? 0) + 1;
    });
    for (const old of touched) {
      const part = within[old] ?? 0;
      within[old] = 0;
      splitTo[old] = old;
      if (part === sizes[old]) continue;
      splitTo[old] = familyOf.push(familyOf[old] ?? 4) - 1;
      sizes[old] = (sizes[old] ?? 0) - part;
      sizes[familyOf.length - 1] = part;
    }
    eachInside(block, find, (i) => {
      classes[i] = splitTo[classes[i] ?? 0] ?? 0;
    });
  }
  return spaceOf(
    bounds.map((range, i) => ({ ...range, address: classes[i] ?? 0 })),
    familyOf,
  );
}

/** The space of some intervals, IPv4 first, with the family of each class. */
export function spaceOf(intervals: readonly AddressInterval[], families: readonly Family[]): AddressSpace {
  const size = families.length;
  const find = createFinder(intervals);
  return {
    size,
    intervals,
    familyOf: (address) => families[address] ?? 4,
    classOf: (value) => intervals[find(value)]?.address ?? -1,
    inside(block) {
      const marked = new Uint8Array(size);
      eachInside(block, find, (i) => {
        marked[intervals[i]?.address ?? 0] = 1;
      });
      const list: number[] = [];
      for (let address = marked.indexOf(1); address >= 0; address = marked.indexOf(1, address + 1)) list.push(address);
      return list;
    },
  };
}

/** Finds the interval that holds a value; -1 when there is none of its family. */
function createFinder(intervals: readonly IpRange[]): (value: IpValue) => number {
  const ipv6 = intervals.findIndex(({ from }) => typeof from !== 'number');
  const second = ipv6 < 0 ? intervals.length : ipv6;
  return (value) => {
    let [low, high] = typeof value === 'number' ? [0, second - 1] : [second, intervals.length - 1];
    if (low > high) return -1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((intervals[middle]?.from as IpValue) <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}

/** Calls `visit` for every interval that holds addresses of a block. */
function eachInside(block: AddressBlock, find: (value: IpValue) => number, visit: (interval: number) => void): void {
  let next = find(block.range.from);
  if (next < 0) return;
  const last = find(block.range.to);
  const holes = block.except.map((hole) => [find(hole.from), find(hole.to)] as const);
  for (const [from, to] of holes.sort((one, other) => one[0] - other[0])) {
    for (; next < from && next <= last; next++) visit(next);
    if (to >= next) next = to + 1;
  }
  for (; next <= last; next++) visit(next);
}

/** Equal for blocks of equal bounds. */
export function blockId({ range, except }: AddressBlock): string {
  let id = IDS.get(range);
  if (id === undefined) IDS.set(range, (id = `${range.from}-${range.to}`));
  for (const hole of except) id += `!${hole.from}-${hole.to}`;
  return id;
}

/** Blocks are asked for their ids again and again. */
const IDS = new WeakMap<IpRange, string>();

/** The intervals of one family between all bounds that blocks name, ascending. */
function elementaryIntervals(all: IpRange, blocks: readonly AddressBlock[]): readonly IpRange[] {
  const cuts = new Set<IpValue>([all.from]);
  for (const block of blocks) {
    if (typeof block.range.from !== typeof all.from) continue;
    for (const range of [block.range, ...block.except]) {
      cuts.add(range.from);
      if (range.to !== all.to) cuts.add(after(range.to));
    }
  }
  const starts = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return starts.map((from, i) => {
    const next = starts[i + 1];
    return { from, to: next === undefined ? all.to : before(next) };
  });
}
