import type { NumberSet, PeerSet } from './peer-sets.ts';
import type { RowBody } from './rows.ts';

/** The peers of a row by kind: those of one kind are in the same peer sets of its rules, so it treats them alike. */
export interface PeerKinds {
  readonly pods: Kinds;
  readonly addresses: Kinds;
}

/** Numbers by kind. */
export interface Kinds {
  /** One of the largest kind. */
  readonly most: number;
  /** All of the largest kind, listed when somebody asks. */
  readonly largest: () => Int32Array;
  /** The numbers of each other kind. */
  readonly others: readonly (readonly number[])[];
}

/** O(sizes of the peer sets of the row), as long as most peers are in none of them. */
export function createPeerKinds(pods: number, addresses: number): (body: RowBody) => PeerKinds {
  const podKinds = createKinds(pods);
  const addressKinds = createKinds(addresses);
  return ({ layers }) => {
    const sets = new Set<PeerSet>();
    for (const stages of layers)
      for (const { rules } of stages) for (const { peers } of rules) if (!peers.everyone) sets.add(peers);
    return {
      pods: podKinds([...sets].map((set) => set.pods)),
      addresses: addressKinds([...sets].map((set) => set.addresses)),
    };
  };
}

/** The numbers below `size` by the sets they are in. */
function createKinds(size: number): (sets: readonly NumberSet[]) => Kinds {
  const kindOf = new Int32Array(size);
  return (sets) => {
    // A kind with one more set is another kind; the last one made of a kind is of the set at hand, or of one before.
    const made: { readonly set: NumberSet | undefined; count: number }[] = [{ set: undefined, count: size }];
    const next: number[] = [];
    const touched: number[] = [];
    for (const set of sets)
      for (const number of set.ids) {
        const old = kindOf[number] as number;
        if (old === 0) touched.push(number);
        let kind = next[old] ?? 0;
        if (made[kind]?.set !== set) next[old] = kind = made.push({ set, count: 0 }) - 1;
        kindOf[number] = kind;
        (made[old] as { count: number }).count--;
        (made[kind] as { count: number }).count++;
      }
    const largest = made.reduce((best, { count }, kind) => (count > (made[best]?.count ?? 0) ? kind : best), 0);
    const lists: number[][] = made.map(() => []);
    for (const number of touched) if (kindOf[number] !== largest) lists[kindOf[number] as number]?.push(number);
    const most = kindOf.indexOf(largest);
    // The largest kind is nearly always of those in no set. Where it isn't, those have to be found.
    if (largest !== 0) for (let number = 0; number < size; number++) if (kindOf[number] === 0) lists[0]?.push(number);
    for (const number of touched) kindOf[number] = 0;
    const others = lists.filter((list) => list.length > 0);
    return {
      most: Math.max(most, 0),
      others,
      largest: () => {
        const rest = new Set(others.flat());
        return Int32Array.from({ length: size }, (_, number) => number).filter((number) => !rest.has(number));
      },
    };
  };
}
