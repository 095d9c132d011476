import type { ListedConnection } from '../../analysis/network/report.ts';
import type { NumberedGroups } from './numbered-groups.ts';

/** The connections that groups stand for, one by one, sorted by source, then destination; those of a source at a time. */
export function* unfold({ names, groups }: NumberedGroups): Generator<readonly ListedConnection[]> {
  const bySource = groupsBySource(groups, names.length);
  const portsTo: string[] = [];
  for (const [source, mine] of bySource.entries()) {
    const reached: number[] = [];
    for (const index of mine) {
      const group = groups[index];
      for (const destination of group?.to ?? []) {
        if (destination === source) continue;
        portsTo[destination] = group?.ports ?? '';
        reached.push(destination);
      }
    }
    if (reached.length === 0) continue;
    const from = names[source] ?? '';
    yield Int32Array.from(reached)
      .sort()
      .reduce<ListedConnection[]>((list, to) => {
        list.push({ from, to: names[to] ?? '', ports: portsTo[to] ?? '' });
        return list;
      }, []);
  }
}

/** For each peer the groups whose source it is, in one array of numbers: a large cluster has millions of them. */
function groupsBySource(groups: NumberedGroups['groups'], size: number): readonly Int32Array[] {
  const starts = new Int32Array(size + 1);
  for (const { from } of groups) for (const source of from) starts[source + 1] = (starts[source + 1] ?? 0) + 1;
  for (let i = 0; i < size; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const next = starts.slice();
  const all = new Int32Array(starts[size] ?? 0);
  groups.forEach(({ from }, index) => {
    for (const source of from) {
      const at = next[source] ?? 0;
      all[at] = index;
      next[source] = at + 1;
    }
  });
  return Array.from({ length: size }, (_, source) => all.subarray(starts[source], starts[source + 1]));
}
