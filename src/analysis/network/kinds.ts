import type { Classes } from './classes.ts';
import type { NodeTraffic } from './node-traffic.ts';
import type { PeerSet } from './peer-sets.ts';
import type { Rows } from './rows.ts';

/**
 * Classes that are alike at one end of every connection: in the same row, in the same sets of peers. Classes are as
 * fine as selectors can tell pods apart; kinds are as fine as these policies do.
 */
export interface Kinds {
  /** The first class of its kind, by class. */
  readonly first: Int32Array;
  /** Every class that is the first of its kind, by row. */
  readonly byRow: readonly (readonly number[])[];
  /** The classes of a kind, by its first class. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

/** O(classes + sizes of the distinct peer sets). */
export function kindsOf(
  classes: Classes,
  own: Rows,
  other: Rows,
  nodes: NodeTraffic,
  end: 'source' | 'destination',
): Kinds {
  const memberships = membershipsIn(other, classes.all.length);
  const firsts = new Map<string, number>();
  const first = new Int32Array(classes.all.length);
  const byRow: number[][] = own.list.map(() => []);
  const members = new Map<number, number[]>();
  for (const podClass of classes.all) {
    const { index, families, signature, hostNetwork } = podClass;
    const row = own.of[index] ?? 0;
    // Only pods on the host's network differ by the node they are on, and the pods beside them.
    const place = hostNetwork ? `h${index}` : end === 'destination' ? nodes.hostsOf(podClass).join() : '';
    const key = `${row}|${families}|${end === 'destination' ? signature : 0}|${place}|${memberships[index]}`;
    const known = firsts.get(key);
    if (known === undefined) {
      firsts.set(key, index);
      first[index] = index;
      byRow[row]?.push(index);
      members.set(index, [index]);
    } else {
      first[index] = known;
      members.get(known)?.push(index);
    }
  }
  return { first, byRow, members };
}

/** The peer sets of some rows that each class is in, as a text. */
function membershipsIn(rows: Rows, count: number): readonly string[] {
  const sets = new Set<PeerSet>();
  for (const row of rows.list)
    for (const stages of row.layers) for (const stage of stages) for (const { peers } of stage.rules) sets.add(peers);
  const keys = Array.from({ length: count }, () => '');
  let number = 0;
  for (const { ids } of sets) {
    const name = `${(number++).toString(36)},`;
    for (const id of ids) {
      if (id >= count) break;
      keys[id] += name;
    }
  }
  return keys;
}
