import fc from 'fast-check';
import { expect, test } from 'vitest';
import { smallestHittingSet, type Constraint } from './hitting-set.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const set = fc.subarray(IDS).map((ids) => new Set(ids));
const constraint = fc.record({
  choices: fc.subarray(IDS).map((ids) => ids.map((id) => ({ id, harm: IDS.indexOf(id) % 3 }))),
  given: fc.oneof({ weight: 3, arbitrary: fc.constant(new Set<string>()) }, set),
});
const problem = fc.record({
  constraints: fc.array(constraint, { maxLength: 6 }),
  forbidden: fc.array(
    fc.subarray(IDS, { minLength: 1 }).map((ids) => new Set(ids)),
    { maxLength: 2 },
  ),
});

/** Every subset, tried. */
function slowest(constraints: readonly Constraint[], forbidden: readonly ReadonlySet<string>[]): number | undefined {
  const within = (small: ReadonlySet<string>, large: ReadonlySet<string>) => [...small].every((id) => large.has(id));
  const sizes = Array.from({ length: 2 ** IDS.length }, (_, bits) => new Set(IDS.filter((__, at) => bits & (1 << at))))
    .filter((ids) => !forbidden.some((one) => within(one, ids)))
    .filter((ids) =>
      constraints.every(({ choices, given }) => !within(given, ids) || choices.some(({ id }) => ids.has(id))),
    )
    .map(({ size }) => size);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}

test('is as small as the smallest of all subsets', () => {
  fc.assert(
    fc.property(problem, ({ constraints, forbidden }) => {
      const found = smallestHittingSet({ constraints, forbidden });
      expect(found?.chosen.length).toBe(slowest(constraints, forbidden));
    }),
    { numRuns: 200 },
  );
});

test('among as many changes the ones with less harm are chosen', () => {
  const choices = [
    { id: 'blunt', harm: 4 },
    { id: 'gentle', harm: 1 },
  ];
  const found = smallestHittingSet({ constraints: [{ choices, given: new Set() }], forbidden: [] });
  expect(found?.chosen.map(({ id }) => id)).toEqual(['gentle']);
});
