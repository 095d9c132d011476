import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf, type Box, type Line } from './layout.ts';

const SPACING = { across: 10, down: 20, margin: 5 } as const;
const box = (id: string, width = 40, height = 20): Box => ({ id, width, height });
const lines = (...written: readonly string[]): readonly Line[] =>
  written.map((one) => ({ from: one[0] ?? '', to: one[1] ?? '' }));

describe('what a reader sees', () => {
  test('a chain is one column, each box a layer below the one before', () => {
    const { boxes } = layoutOf(
      ['a', 'b', 'c'].map((id) => box(id)),
      lines('ab', 'bc'),
      SPACING,
    );
    expect([...boxes.values()]).toEqual([
      { x: 5, y: 5 },
      { x: 5, y: 45 },
      { x: 5, y: 85 },
    ]);
  });

  test('a box stands below all it is reached from, however long the way', () => {
    const { boxes } = layoutOf(
      ['a', 'b', 'c', 'd'].map((id) => box(id)),
      lines('ad', 'ab', 'bc', 'cd'),
      SPACING,
    );
    expect([...boxes.values()].map(({ y }) => y)).toEqual([5, 45, 85, 125]);
  });

  test('a line over several layers goes around the boxes between', () => {
    const { boxes, routes } = layoutOf(
      ['a', 'b', 'c'].map((id) => box(id)),
      lines('ab', 'bc', 'ac'),
      SPACING,
    );
    const between = boxes.get('b') ?? { x: 0, y: 0 };
    const [, , around = []] = routes;
    const beside = around.filter(({ y }) => y > between.y && y <= between.y + 20);
    expect(beside.length).toBeGreaterThan(0);
    for (const { x } of beside) expect(x < between.x || x > between.x + 40).toBe(true);
  });

  test('boxes that change places need no lines that cross', () => {
    const { boxes } = layoutOf(
      ['a', 'b', 'c', 'd'].map((id) => box(id)),
      lines('ad', 'bc'),
      SPACING,
    );
    const x = (id: string): number => boxes.get(id)?.x ?? 0;
    expect(x('a') < x('b')).toBe(x('d') < x('c'));
  });

  test('a circle is drawn too: one of its lines points upwards', () => {
    const { boxes, routes } = layoutOf(
      ['a', 'b'].map((id) => box(id)),
      lines('ab', 'ba'),
      SPACING,
    );
    expect([...boxes.values()].map(({ y }) => y)).toEqual([5, 45]);
    expect(routes.map(([start, end]) => Math.sign((end?.y ?? 0) - (start?.y ?? 0)))).toEqual([1, -1]);
  });
});

const graph = fc.integer({ min: 1, max: 9 }).chain((count) =>
  fc.record({
    boxes: fc.array(fc.record({ width: fc.integer({ min: 10, max: 90 }), height: fc.integer({ min: 10, max: 40 }) }), {
      minLength: count,
      maxLength: count,
    }),
    pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 16 }),
  }),
);

test('any graph: boxes keep apart and within the picture, lines join their boxes, the same input gives the same picture', () => {
  fc.assert(
    fc.property(graph, ({ boxes: sizes, pairs }) => {
      const boxes = sizes.map((size, index) => ({ id: `${index}`, ...size }));
      const drawn = pairs.filter(([from, to]) => from !== to).map(([from, to]) => ({ from: `${from}`, to: `${to}` }));
      const layout = layoutOf(boxes, drawn, SPACING);
      expect(layoutOf(boxes, drawn, SPACING)).toEqual(layout);
      const placed = boxes.map((one) => ({ ...one, ...(layout.boxes.get(one.id) ?? { x: NaN, y: NaN }) }));
      for (const a of placed) {
        expect(a.x).toBeGreaterThanOrEqual(0);
        expect(a.x + a.width).toBeLessThanOrEqual(layout.width);
        expect(a.y + a.height).toBeLessThanOrEqual(layout.height);
        for (const b of placed.filter(({ id, y }) => id > a.id && y === a.y))
          expect(a.x + a.width <= b.x || b.x + b.width <= a.x).toBe(true);
      }
      drawn.forEach(({ from, to }, index) => {
        const [start, end] = [placed[Number(from)], placed[Number(to)]];
        const route = layout.routes[index] ?? [];
        expect([start?.y, (start?.y ?? 0) + (start?.height ?? 0)]).toContain(route[0]?.y);
        expect([end?.y, (end?.y ?? 0) + (end?.height ?? 0)]).toContain(route.at(-1)?.y);
      });
    }),
    { numRuns: 150 },
  );
});
