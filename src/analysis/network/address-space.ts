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
  const universe = families.map((family) => (family === 4 ? ALL_IPV4 : ALL_IPV6));
  const starts = universe.map((all) => cutPoints(all, blocks));
  const offsets: number[] = [];
  let count = 0;
  for (const cuts of starts) {
    offsets.push(count);
    count += cuts.length;
  }
  const [v4, v6] = [families.indexOf(4), families.indexOf(6)];
  const find = (value: IpValue): number => {
    const family = typeof value === 'number' ? v4 : v6;
    const cuts = starts[family];
    return cuts === undefined ? -1 : (offsets[family] ?? 0) + lastAtMost(cuts, value);
  };
  /** Calls `visit` for every interval inside a block. */
  const eachInside = (block: AddressBlock, visit: (interval: number) => void): void => {
    let next = find(block.range.from);
    if (next < 0) return;
    const last = find(block.range.to);
    const holes = block.except.map((hole) => [find(hole.from), find(hole.to)] as const);
    for (const [from, to] of holes.sort((one, other) => one[0] - other[0])) {
      for (; next < from && next <= last; next++) visit(next);
      if (to >= next) next = to + 1;
    }
    for (; next <= last; next++) visit(next);
  };

  // Partition refinement: start with one class a family; a block splits the classes it holds a part of.
  const classes = new Int32Array(count);
  const sizes = new Int32Array(count + universe.length);
  starts.forEach((cuts, family) => {
    classes.fill(family, offsets[family] ?? 0, (offsets[family] ?? 0) + cuts.length);
    sizes[family] = cuts.length;
  });
  let next = universe.length;
  const within = new Int32Array(sizes.length);
  const splitTo = new Int32Array(sizes.length);
  for (const block of blocks) {
    const touched: number[] = [];
    eachInside(block, (i) => {
      const old = classes[i] ?? 0;
      if (within[old] === 0) touched.push(old);
      within[old] = (within[old] ?? 0) + 1;
    });
    for (const old of touched) {
      const part = within[old] ?? 0;
      within[old] = 0;
      splitTo[old] = old;
      if (part === sizes[old]) continue;
      sizes[old] = (sizes[old] ?? 0) - part;
      sizes[next] = part;
      splitTo[old] = next++;
    }
    eachInside(block, (i) => {
      classes[i] = splitTo[classes[i] ?? 0] ?? 0;
    });
  }
  const dense = new Map<number, number>();
  const familyOf: Family[] = [];
  const intervals: AddressInterval[] = [];
  starts.forEach((cuts, index) => {
    const all = universe[index];
    cuts.forEach((from, i) => {
      const old = classes[(offsets[index] ?? 0) + i] ?? 0;
      let address = dense.get(old);
      if (address === undefined) {
        dense.set(old, (address = dense.size));
        familyOf.push(typeof from === 'number' ? 4 : 6);
      }
      const following = cuts[i + 1];
      intervals.push({ from, to: following === undefined ? (all ?? ALL_IPV4).to : before(following), address });
    });
  });
  return {
    size: dense.size,
    intervals,
    familyOf: (address) => familyOf[address] ?? 4,
    classOf: (value) => intervals[find(value)]?.address ?? -1,
    inside: (block) => {
      const marked = new Uint8Array(dense.size);
      eachInside(block, (i) => {
        marked[intervals[i]?.address ?? 0] = 1;
      });
      const list: number[] = [];
      for (let address = marked.indexOf(1); address >= 0; address = marked.indexOf(1, address + 1)) list.push(address);
      return list;
    },
  };
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

/** Starts of the elementary intervals of one family, ascending; the first is the start of the family. */
function cutPoints(all: IpRange, blocks: readonly AddressBlock[]): readonly IpValue[] {
  const cuts = new Set<IpValue>([all.from]);
  for (const block of blocks) {
    if (typeof block.range.from !== typeof all.from) continue;
    for (const range of [block.range, ...block.except]) {
      cuts.add(range.from);
      if (range.to !== all.to) cuts.add(after(range.to));
    }
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function lastAtMost(cuts: readonly IpValue[], value: IpValue): number {
  let low = 0;
  let high = cuts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cuts[middle] as IpValue) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
