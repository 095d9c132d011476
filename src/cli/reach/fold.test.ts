import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectionGroup, Peer } from '../../analysis/network/index.ts';
import { fold, type Folded } from './fold.ts';
import { formatFolded, formatSet } from './folded-text.ts';
import { numberGroups } from './numbered-groups.ts';
import { unfold } from './unfold.ts';

const COUNT = 24;
const peers = Array.from({ length: COUNT }, (_, i): Peer => ({
  kind: 'workload',
  ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: `p${i}` },
}));
const nameOf = (place: number): string => `n/p${place}[Pod]`;
const port = (number: number) => ({ TCP: [[number, number]], UDP: [], SCTP: [] }) as const;

/** Cells of a matrix; sources of a column are mostly those of one of two kinds, as in a real cluster. */
const matrices = fc.array(
  fc.record({
    kind: fc.constantFrom('open', 'half', 'none'),
    flips: fc.uniqueArray(fc.nat(COUNT - 1), { maxLength: 3 }),
    ports: fc.constantFrom(80, 443),
  }),
  { minLength: COUNT, maxLength: COUNT },
);

interface Drawn {
  readonly groups: readonly ConnectionGroup[];
  readonly lines: readonly string[];
}

/** The groups of a matrix as the analysis gives them, and its connections the plain way. */
function draw(columns: readonly { kind: string; flips: readonly number[]; ports: number }[]): Drawn {
  const lines: string[] = [];
  const byReach = new Map<string, { from: Peer[]; to: Peer[]; ports: ReturnType<typeof port> }>();
  columns.forEach(({ kind, flips, ports }, to) => {
    const share = { open: COUNT, half: COUNT / 2, none: 0 }[kind] ?? 0;
    const sources = [...peers.keys()].filter((from) => from !== to && from < share !== flips.includes(from));
    if (sources.length === 0) return;
    for (const from of sources) lines.push(`${nameOf(from)} ${nameOf(to)} TCP ${ports}`);
    // A destination that is a source of its like joins them: with itself a peer has no connection.
    const key = `${ports} ${(kind === 'open' ? [...sources, to].sort((a, b) => a - b) : sources).join()}`;
    const known = byReach.get(key);
    if (known) {
      known.to.push(peers[to]!);
      known.from = [...new Set([...known.from, ...sources.map((from) => peers[from]!)])];
    } else byReach.set(key, { from: sources.map((from) => peers[from]!), to: [peers[to]!], ports: port(ports) });
  });
  return { groups: [...byReach.values()], lines: lines.sort() };
}

function unfolded({ sets, groups }: Folded): readonly string[] {
  const members = new Map(sets.map((set) => [set.name, set.members]));
  return groups
    .flatMap(({ from, to, ports }) =>
      from
        .flatMap((name) => members.get(name) ?? [name])
        .flatMap((source) => to.flatMap((end) => (end === source ? [] : [`${source} ${end} ${ports}`]))),
    )
    .sort();
}

test('groups unfold to every connection once, sorted by source and destination', () => {
  fc.assert(
    fc.property(matrices, (columns) => {
      const { groups, lines } = draw(columns);
      const numbered = numberGroups(groups);
      const list = [...unfold(numbered)].flat();
      expect(list.map(({ from, to, ports }) => `${from} ${to} ${ports}`).sort()).toEqual(lines);
      expect(numbered.count).toBe(lines.length);
      const keys = list.map(({ from, to }) => `${from} ${to}`);
      expect(keys).toEqual([...keys].sort());
    }),
    { numRuns: 100 },
  );
});

test('folded with sets it is the same list, from the lengths on that are written so', () => {
  fc.assert(
    fc.property(matrices, fc.constantFrom(2, 6, 12, 1_000), (columns, long) => {
      const { groups, lines } = draw(columns);
      expect(unfolded(fold(numberGroups(groups), long))).toEqual(lines);
    }),
    { numRuns: 200 },
  );
});

test('a filter leaves the connections of those sources', () => {
  fc.assert(
    fc.property(matrices, fc.nat(COUNT - 1), (columns, chosen) => {
      const { groups, lines } = draw(columns);
      const list = [...unfold(numberGroups(groups, (peer) => peer === peers[chosen]))].flat();
      expect(list.map(({ from, to, ports }) => `${from} ${to} ${ports}`).sort()).toEqual(
        lines.filter((line) => line.startsWith(`${nameOf(chosen)} `)),
      );
    }),
    { numRuns: 50 },
  );
});

test('what many lists share is written once, and each list says what it has beside', () => {
  const all = peers.slice(0, 20);
  const groups = [20, 21, 22].map((i) => ({
    from: [...all, peers[(i + 1) % COUNT]!],
    to: [peers[i]!],
    ports: port(80),
  }));
  const { sets, groups: folded } = fold(numberGroups(groups), 10);
  expect(sets).toEqual([{ name: '{set 1}', members: all.map((_, i) => nameOf(i)).sort() }]);
  expect(folded.map(({ from }) => from)).toEqual([21, 22, 23].map((i) => ['{set 1}', nameOf(i)]));
});

test('a destination that is missing only among its own sources does not part a set', () => {
  const groups = peers.map((to) => ({ from: peers.filter((from) => from !== to), to: [to], ports: port(80) }));
  const { sets, groups: folded } = fold(numberGroups(groups), 10);
  expect(sets.map(({ members }) => members.length)).toEqual([COUNT]);
  expect(new Set(folded.map(({ from }) => from.join()))).toEqual(new Set(['{set 1}']));
});

test('a table says whole namespaces by their name, and how many more there are', () => {
  expect(formatSet(['a', 'b'])).toBe('a, b');
  expect(formatSet(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more');
  const folded: Folded = {
    sets: [],
    groups: [{ from: ['n/a[Pod]', 'n/b[Pod]', 'm/c[Pod]'], to: ['k/x[Pod]'], ports: 'TCP 80' }],
  };
  const sizes = new Map([
    ['n', 2],
    ['m', 2],
    ['k', 1],
  ]);
  expect(formatFolded('table', folded, sizes)).toContain('n/, m/c[Pod]  k/x[Pod]  TCP 80');
  expect(formatFolded('csv', folded, sizes)).toContain('n/a[Pod]; n/b[Pod]; m/c[Pod]');
});
