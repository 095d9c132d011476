import type { NumberSet, PeerSet } from './peer-sets.ts';
import type { RowBody } from './rows.ts';

/** The peers of a row by kind: those of one kind are in the same peer sets of its rules, so it treats them alike. */
export interface PeerKinds {
  /** A pod class of the largest kind of pods. */
  readonly most: number;
  /** The pod classes of all other kinds. */
  readonly others: readonly Int32Array[];
  /** The classes of addresses of every kind. */
  readonly outside: readonly Int32Array[];
}

/** O(sizes of the peer sets of the row). */
export function createPeerKinds(pods: number, addresses: number): (body: RowBody) => PeerKinds {
  const podKinds = createKinds(pods);
  const addressKinds = createKinds(addresses);
  return ({ layers }) => {
    const sets = new Set<PeerSet>();
    for (const stages of layers)
      for (const { rules } of stages) for (const { peers } of rules) if (!peers.everyone) sets.add(peers);
    const [first, ...others] = podKinds([...sets].map((set) => set.pods));
    const outside = addressKinds([...sets].map((set) => set.addresses));
    return { most: first?.[0] ?? 0, others, outside };
  };
}

/** The numbers below `size` by the sets they are in, the largest kind first. */
function createKinds(size: number): (sets: readonly NumberSet[]) => readonly Int32Array[] {
  const kindOf = new Int32Array(size);
  const everything = Int32Array.from({ length: size }, (_, number) => number);
  return (sets) => {
    kindOf.fill(0);
    // A kind with one more set is another kind; the last one made of a kind is of the set at hand, or of one before.
    const made: { readonly set: NumberSet | undefined; count: number }[] = [{ set: undefined, count: size }];
    const next: number[] = [];
    for (const set of sets)
      for (const number of set.ids) {
        const old = kindOf[number] as number;
        let kind = next[old] ?? 0;
        if (made[kind]?.set !== set) next[old] = kind = made.push({ set, count: 0 }) - 1;
        kindOf[number] = kind;
        (made[old] as { count: number }).count--;
        (made[kind] as { count: number }).count++;
      }
    if (made[0]?.count === size) return size === 0 ? [] : [everything];
    const lists = new Map<number, Int32Array>();
    const filled: number[] = made.map(() => 0);
    for (let number = 0; number < size; number++) {
      const kind = kindOf[number] as number;
      let list = lists.get(kind);
      if (!list) lists.set(kind, (list = new Int32Array(made[kind]?.count ?? 0)));
      list[filled[kind] as number] = number;
      filled[kind] = (filled[kind] as number) + 1;
    }
    return [...lists.values()].sort((a, b) => b.length - a.length);
  };
}
