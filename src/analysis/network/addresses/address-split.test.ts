import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAddressSpace, type AddressBlock, type AddressSpace } from './address-space.ts';
import { isInBlock, splitSpace } from './address-split.ts';
import type { IpRange, IpValue } from './ip.ts';

/** Few addresses, so that bounds meet; IPv6 at the same distances. */
const SPAN = 24;
const range = (from: number, to: number, family: 4 | 6): IpRange =>
  family === 4 ? { from, to } : { from: BigInt(from), to: BigInt(to) };

const block: fc.Arbitrary<AddressBlock> = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    bounds: fc.array(fc.nat(SPAN), { minLength: 4, maxLength: 4 }),
  })
  .map(({ family, bounds }) => {
    const [from = 0, holeFrom = 0, holeTo = 0, to = 0] = bounds.sort((a, b) => a - b);
    return {
      range: range(from, to, family),
      except: from < holeFrom && holeTo < to ? [range(holeFrom, holeTo, family)] : [],
    };
  });

const ADDRESSES: readonly IpValue[] = Array.from({ length: SPAN + 2 }, (_, i) => [i, BigInt(i)]).flat();

/** Which addresses are of one class, whatever its number. */
function partition(space: AddressSpace): readonly number[] {
  const classes = ADDRESSES.map((value) => space.classOf(value));
  return classes.map((own) => classes.indexOf(own));
}

test('blocks drawn one after the other cut the space as they do when it is made of all of them', () => {
  fc.assert(
    fc.property(
      fc.array(block, { maxLength: 4 }),
      fc.array(fc.tuple(block, fc.boolean()), { maxLength: 5 }),
      (first, more) => {
        let space = createAddressSpace(first, [4, 6]);
        for (const [one, keeps] of more) {
          const before = space;
          const { space: after, parts } = splitSpace(before, one, (split) => (keeps ? split : new Set()));
          // Every address keeps its number, but for the part of a class that is on the side that doesn't keep it.
          for (const value of ADDRESSES) {
            const part = parts.get(before.classOf(value));
            const moves = part !== undefined && isInBlock(value, one) !== keeps;
            expect(after.classOf(value)).toBe(moves ? part : before.classOf(value));
          }
          const inside = new Set(
            ADDRESSES.filter((value) => isInBlock(value, one)).map((value) => after.classOf(value)),
          );
          expect(new Set(after.inside(one))).toEqual(inside);
          space = after;
        }
        expect(partition(space)).toEqual(
          partition(createAddressSpace([...first, ...more.map(([one]) => one)], [4, 6])),
        );
      },
    ),
    { numRuns: 200 },
  );
});
