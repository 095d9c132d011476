import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exchanged } from './changed-part.ts';

test('what one list has and the other has not, whatever changed places', () => {
  const distinct = fc.uniqueArray(fc.nat(300), { maxLength: 250 });
  // Lists that are alike but for some entries, and lists that are not alike at all.
  const alike = fc
    .record({
      list: distinct,
      out: fc.array(fc.nat(300)),
      into: fc.array(fc.tuple(fc.nat(250), fc.integer({ min: 301, max: 330 }))),
    })
    .map(({ list, out, into }): readonly [readonly number[], readonly number[]] => {
      const gone = new Set(out);
      const after = list.filter((one) => !gone.has(one));
      for (const [place, one] of into) if (!after.includes(one)) after.splice(place, 0, one);
      return [list, after];
    });
  fc.assert(
    fc.property(fc.oneof(alike, fc.tuple(distinct, distinct)), ([before, after]) => {
      const { removed, added } = exchanged(before, after);
      expect(removed).toEqual(before.filter((one) => !after.includes(one)));
      expect(added).toEqual(after.filter((one) => !before.includes(one)));
    }),
    { numRuns: 200 },
  );
});
