import type { ListedConnection } from '../../analysis/network/report.ts';

/** Everybody of one set may use these ports to everybody of the other. */
export interface ConnectionGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: string;
}

/**
 * Puts connections together: destinations that the same sources reach on the same ports are one set, and so are the
 * sources that share the ports there. A destination counts as one of its most common kind of source, so that peers that
 * all reach each other are one set; a peer with itself is no connection. Nothing else is lost or added.
 * Holds the sources of each distinct destination once, not the list. Connections to a workload must
 * come in one part; those to addresses outside may come source by source.
 */
export function compress(parts: Iterable<readonly ListedConnection[]>): readonly ConnectionGroup[] {
  const byReach = new Map<
    string,
    { readonly to: string[]; readonly sources: ReadonlyMap<string, readonly string[]> }
  >();
  const ids = new Map<string, number>();
  const idOf = (name: string): number => {
    let id = ids.get(name);
    if (id === undefined) ids.set(name, (id = ids.size));
    return id;
  };
  const outside = new Map<string, ListedConnection[]>();
  const take = (to: string, connections: readonly ListedConnection[]): void => {
    const sources = new Map<string, string[]>();
    for (const { from, ports } of connections) {
      const known = sources.get(ports);
      if (known) known.push(from);
      else sources.set(ports, [from]);
    }
    const most = [...sources.values()].sort((a, b) => b.length - a.length)[0];
    if (most) most.splice(lowerBound(most, to), 0, to);
    const key = [...sources]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([ports, from]) => `${ports}:${from.map((name) => idOf(name).toString(36)).join(',')}`)
      .join(';');
    const known = byReach.get(key);
    if (known) known.to.push(to);
    else byReach.set(key, { to: [to], sources });
  };
  for (const part of parts) {
    for (const [to, connections] of Map.groupBy(part, (one) => one.to)) {
      if (to.endsWith(']')) {
        take(to, connections);
        continue;
      }
      const known = outside.get(to);
      if (known) known.push(...connections);
      else outside.set(to, [...connections]);
    }
  }
  for (const [to, connections] of outside) take(to, connections);
  return [...byReach.values()].flatMap(({ to, sources }) =>
    [...sources].map(([ports, from]) => ({
      from: to.length === 1 ? from.filter((name) => name !== to[0]) : from,
      to: to.sort(),
      ports,
    })),
  );
}

/** Where a name belongs in a sorted list. */
function lowerBound(sorted: readonly string[], name: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

const SHOWN = 4;

/** A set for a person: its first members, and how many more. */
export function formatSet(names: readonly string[]): string {
  return names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}
