import type { AddressSpace } from '../addresses/address-space.ts';
import type { Classes } from './classes.ts';

/** One side of a product: workloads, or classes of addresses outside, by number, sorted. Equal sides are one object. */
export interface Side {
  readonly id: number;
  readonly kind: 'workloads' | 'addresses';
  readonly members: Int32Array;
  /** The address families its members can use here: bits 1 (IPv4) and 2 (IPv6). */
  readonly families: number;
}

/** Makes sides of products, each once. What has no address family in common with the rest becomes a side of its own. */
export interface Sides {
  ofClasses(classes: readonly number[]): readonly Side[];
  ofAddresses(addresses: Int32Array): readonly Side[];
  /** One side, whatever families its members have. */
  of(kind: Side['kind'], members: readonly number[]): Side;
  union(sides: readonly Side[]): Side;
}

export function createSides(classes: Classes, space: AddressSpace): Sides {
  const workloads = workloadsByClass(classes);
  const families = Uint8Array.from(classes.all, (podClass) => podClass.families);
  /** 1 for the workloads of the side that is being made. */
  const among = new Uint8Array(classes.ofWorkload.length);
  const known = new Map<number, Side[]>();
  let next = 0;
  const side = (kind: Side['kind'], families: number, members: Int32Array): Side => {
    let hash = Math.imul(members.length, 31) + families * 2 + (kind === 'workloads' ? 1 : 0);
    for (let i = 0; i < members.length; i++) hash = (Math.imul(hash, 31) + (members[i] as number)) | 0;
    let same = known.get(hash);
    if (!same) known.set(hash, (same = []));
    for (const one of same)
      if (one.kind === kind && one.families === families && isEqual(one.members, members)) return one;
    const made: Side = { id: next++, kind, members, families };
    same.push(made);
    return made;
  };
  const ofClasses: Sides['ofClasses'] = (list) => {
    let all = 0;
    for (let i = 0; i < list.length; i++) all |= 1 << (families[list[i] as number] ?? 0);
    const made: Side[] = [];
    for (let own = 1; own <= 3; own++) {
      const members = (all >> own) & 1 ? workloadsOf(list, own) : NOBODY;
      if (members.length > 0) made.push(side('workloads', own, members));
    }
    return made;
  };
  const found = new Int32Array(classes.ofWorkload.length);
  /** The workloads with pods in those of some classes that have these families. */
  const workloadsOf = (list: readonly number[], wanted: number): Int32Array => {
    let count = 0;
    const add = (workload: number): void => {
      if (among[workload] === 1) return;
      among[workload] = 1;
      found[count++] = workload;
    };
    for (let i = 0; i < list.length; i++) {
      const index = list[i] as number;
      if (families[index] !== wanted) continue;
      const only = workloads.only[index] ?? -1;
      if (only >= 0) add(only);
      else workloads.several.get(index)?.forEach(add);
    }
    return sorted(found.slice(0, count), among);
  };
  const isIpv6 = Uint8Array.from({ length: space.size }, (_, address) => (space.familyOf(address) === 6 ? 1 : 0));
  const madeOf = new WeakMap<Int32Array, readonly Side[]>();
  const ofAddresses: Sides['ofAddresses'] = (addresses) => {
    let made = madeOf.get(addresses);
    if (!made) {
      let ipv6 = 0;
      for (let i = 0; i < addresses.length; i++) ipv6 += isIpv6[addresses[i] as number] as number;
      const own = (family: 0 | 1): Int32Array =>
        ipv6 === (family === 1 ? addresses.length : 0)
          ? addresses
          : addresses.filter((address) => isIpv6[address] === family);
      made = [
        ...(ipv6 < addresses.length ? [side('addresses', 1, own(0))] : []),
        ...(ipv6 > 0 ? [side('addresses', 2, own(1))] : []),
      ];
      madeOf.set(addresses, made);
    }
    return made;
  };
  const of: Sides['of'] = (kind, members) => side(kind, 3, distinct(new Int32Array(members)));
  const union: Sides['union'] = (sides) => {
    const [first] = sides;
    if (first && sides.every((one) => one === first)) return first;
    const different = [...new Set(sides)];
    const families = different.reduce((sum, one) => sum | one.families, 0);
    const members = new Int32Array(different.reduce((sum, one) => sum + one.members.length, 0));
    let next = 0;
    for (const one of different) {
      members.set(one.members, next);
      next += one.members.length;
    }
    return side(first?.kind ?? 'workloads', families, distinct(members));
  };
  return { ofClasses, ofAddresses, of, union };
}

/** The workloads with pods in each class, by class index: the only one, or several. */
function workloadsByClass(classes: Classes): {
  readonly only: Int32Array;
  readonly several: ReadonlyMap<number, readonly number[]>;
} {
  const only = new Int32Array(classes.all.length).fill(-1);
  const several = new Map<number, number[]>();
  classes.ofWorkload.forEach((own, workload) => {
    for (const { index } of own) {
      const first = only[index] ?? -1;
      const known = several.get(index);
      if (known) known.push(workload);
      else if (first >= 0) several.set(index, [first, workload]);
      else only[index] = workload;
    }
  });
  for (const index of several.keys()) only[index] = -1;
  return { only, several };
}

/** Sorts numbers that are marked, and takes the marks away. Where they are a good part of all, marks are quicker than sorting. */
function sorted(numbers: Int32Array, among: Uint8Array): Int32Array {
  if (numbers.length * 16 < among.length) {
    for (let i = 0; i < numbers.length; i++) among[numbers[i] as number] = 0;
    return numbers.length > 1 ? numbers.sort() : numbers;
  }
  let next = 0;
  for (let number = among.indexOf(1); number >= 0; number = among.indexOf(1, number + 1)) {
    among[number] = 0;
    numbers[next++] = number;
  }
  return numbers;
}

const NOBODY = new Int32Array();

/** Sorts numbers and drops what is there twice. */
function distinct(sorted: Int32Array): Int32Array {
  let ascends = true;
  for (let i = 1; i < sorted.length && ascends; i++) ascends = (sorted[i - 1] as number) < (sorted[i] as number);
  if (ascends) return sorted;
  sorted.sort();
  let kept = 1;
  for (let i = 1; i < sorted.length; i++) {
    const value = sorted[i] as number;
    if (value !== sorted[kept - 1]) sorted[kept++] = value;
  }
  return sorted.slice(0, kept);
}

function isEqual(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
