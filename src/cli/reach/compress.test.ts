import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compress } from './compress.ts';

const names = ['n/a[Pod]', 'n/b[Pod]', 'n/c[Pod]', 'n/d[Pod]', 'n/e[Pod]', 'n/f[Pod]'];
const edges = fc.uniqueArray(
  fc.record({
    from: fc.constantFrom(...names),
    to: fc.constantFrom(...names),
    ports: fc.constantFrom('TCP 80', 'UDP 53'),
  }),
  { selector: ({ from, to }) => `${from} ${to}`, maxLength: 30 },
);

test('groups unfold to the same list, a peer with itself left out', () => {
  fc.assert(
    fc.property(edges, (given) => {
      const list = given.filter(({ from, to }) => from !== to).sort((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1));
      const byDestination = names.map((to) => list.filter((edge) => edge.to === to));
      const unfolded = compress(byDestination).flatMap(({ from, to, ports }) =>
        from.flatMap((source) =>
          to.flatMap((destination) => (source === destination ? [] : [`${source} ${destination} ${ports}`])),
        ),
      );
      expect(unfolded.sort()).toEqual(list.map(({ from, to, ports }) => `${from} ${to} ${ports}`).sort());
    }),
    { numRuns: 200 },
  );
});

test('peers that all reach each other are one group, however many', () => {
  const many = Array.from({ length: 50 }, (_, i) => `n/p${String(i).padStart(2, '0')}[Pod]`);
  const list = many.map((to) => many.filter((from) => from !== to).map((from) => ({ from, to, ports: 'TCP 80' })));
  expect(compress(list)).toHaveLength(1);
});

test('what many send to the same addresses is one group, though each comes by itself', () => {
  const parts = names.map((from) => [{ from, to: '0.0.0.0-255.255.255.255', ports: 'TCP 443' }]);
  expect(compress(parts)).toEqual([{ from: names, to: ['0.0.0.0-255.255.255.255'], ports: 'TCP 443' }]);
});
