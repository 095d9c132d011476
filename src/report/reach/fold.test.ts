import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectionGroup, Peer } from '../../analysis/network/index.ts';
import { fold, type Folded } from './fold.ts';
import { formatFolded, formatSet } from './folded-text.ts';

const peers = Array.from({ length: 12 }, (_, i): Peer => ({
  kind: 'workload',
  ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: `p${i}` },
}));
const nameOf = (place: number): string => `n/p${place}[Pod]`;
const port = (number: number) => ({ TCP: [[number, number]], UDP: [], SCTP: [] }) as const;

/** Sides as the analysis gives them: equal ones are one array. */
const groups = fc
  .array(fc.uniqueArray(fc.nat(peers.length - 1), { minLength: 1 }), { minLength: 1, maxLength: 4 })
  .map((sides) => sides.map((side) => side.map((i) => peers[i]!)))
  .chain((sides) =>
    fc.array(
      fc.record({ from: fc.constantFrom(...sides), to: fc.constantFrom(...sides), port: fc.constantFrom(80, 443) }),
      {
        maxLength: 8,
      },
    ),
  )
  .map((drawn) => drawn.map((one): ConnectionGroup => ({ from: one.from, to: one.to, ports: port(one.port) })));

function unfolded({ sets, groups: folded }: Folded): readonly string[] {
  const members = new Map(sets.map((set) => [set.name, set.members]));
  const wide = (side: readonly string[]): readonly string[] => side.flatMap((name) => members.get(name) ?? [name]);
  return folded
    .flatMap(({ from, to, ports }) =>
      wide(from).flatMap((source) => wide(to).map((end) => `${source} ${end} ${ports}`)),
    )
    .sort();
}

function plain(given: readonly ConnectionGroup[]): readonly string[] {
  const name = (peer: Peer): string => nameOf(peers.indexOf(peer));
  return given
    .flatMap(({ from, to, ports }) =>
      from.flatMap((source) => to.map((end) => `${name(source)} ${name(end)} TCP ${ports.TCP![0]![0]}`)),
    )
    .sort();
}

test('folded, groups unfold to the same pairs', () => {
  fc.assert(
    fc.property(groups, (given) => {
      expect(unfolded(fold(given))).toEqual(plain(given));
    }),
    { numRuns: 200 },
  );
});

test('a filter leaves the groups of those sources', () => {
  fc.assert(
    fc.property(groups, fc.nat(peers.length - 1), (given, chosen) => {
      const found = unfolded(fold(given, (peer) => peer === peers[chosen]));
      expect(found).toEqual(plain(given).filter((line) => line.startsWith(`${nameOf(chosen)} `)));
    }),
    { numRuns: 50 },
  );
});

test('a long side of several groups is written once, a short one each time', () => {
  const [many, few] = [peers.slice(0, 9), peers.slice(9)];
  const { sets, groups: folded } = fold([
    { from: many, to: few, ports: port(80) },
    { from: few, to: many, ports: port(80) },
  ]);
  const short = few.map((_, i) => nameOf(i + 9)).sort();
  expect(sets).toEqual([{ name: '{set 1}', members: many.map((_, i) => nameOf(i)) }]);
  expect(folded).toEqual([
    { from: ['{set 1}'], to: short, ports: 'TCP 80' },
    { from: short, to: ['{set 1}'], ports: 'TCP 80' },
  ]);
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
