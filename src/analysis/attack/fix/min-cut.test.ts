import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minCut, type NetworkArc } from './min-cut.ts';

const NODES = 6;
const arc = fc.record({ from: fc.nat(NODES - 1), to: fc.nat(NODES - 1), cuttable: fc.boolean() });
const network = fc.record({
  arcs: fc.array(arc, { maxLength: 10 }),
  sources: fc.uniqueArray(fc.constantFrom(0, 1), { minLength: 1 }),
  sinks: fc.uniqueArray(fc.constantFrom(NODES - 1, NODES - 2), { minLength: 1 }),
});

function leads(arcs: readonly NetworkArc[], sources: readonly number[], sinks: readonly number[]): boolean {
  const reached = new Set(sources);
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const { from, to } of arcs) if (reached.has(from)) reached.add(to);
  }
  return sinks.some((sink) => reached.has(sink));
}

/** Every set of arcs that may be cut, tried. */
function slowest(
  arcs: readonly NetworkArc[],
  sources: readonly number[],
  sinks: readonly number[],
): number | undefined {
  const own = arcs.flatMap(({ cuttable }, index) => (cuttable ? [index] : []));
  const sizes = Array.from({ length: 2 ** own.length }, (_, bits) => own.filter((__, at) => bits & (1 << at)))
    .filter(
      (cut) =>
        !leads(
          arcs.filter((_, index) => !cut.includes(index)),
          sources,
          sinks,
        ),
    )
    .map(({ length }) => length);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

test('cuts as few arcs as the smallest of all sets, and shows as many disjoint paths', () => {
  fc.assert(
    fc.property(network, ({ arcs, sources, sinks }) => {
      const found = minCut(NODES, arcs, sources, sinks);
      expect(found?.cut.length).toBe(slowest(arcs, sources, sinks));
      if (!found) return;
      expect(
        leads(
          arcs.filter((_, index) => !found.cut.includes(index)),
          sources,
          sinks,
        ),
      ).toBe(false);
      expect(found.paths.length).toBe(found.cut.length);
      for (const path of found.paths)
        expect(
          leads(
            path.map((index) => arcs[index]!),
            sources,
            sinks,
          ),
        ).toBe(true);
      const used = found.paths.flatMap((path) => [...new Set(path)].filter((index) => arcs[index]!.cuttable));
      expect(new Set(used).size).toBe(used.length);
    }),
    { numRuns: 200 },
  );
});

test('a path without an arc that may be cut leaves no cut', () => {
  expect(minCut(2, [{ from: 0, to: 1, cuttable: false }], [0], [1])).toBeUndefined();
});
