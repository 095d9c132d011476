import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInBlock } from '../addresses/address-split.ts';
import type { Endpoint, NetworkWorkload } from './endpoints.ts';
import { podAddresses } from './pod-addresses.ts';

const pod = fc
  .array(fc.oneof(fc.nat(20), fc.bigInt(0n, 20n)), { maxLength: 2 })
  .map((addresses) => ({ addresses }) as unknown as Endpoint);

/** Many more than are kept beside the others, so that these are put in order anew. */
const CROWD = 1_200;

/** Pods may look alike, so they are told apart by their places; -1 for one that is not there. */
const places = (pods: readonly Endpoint[], there: readonly Endpoint[]): readonly number[] =>
  [...new Set(pods)].map((one) => there.indexOf(one)).sort((a, b) => a - b);

test('pods in a block are those with an address there, whoever left and joined', () => {
  fc.assert(
    fc.property(
      fc.array(pod),
      fc.array(fc.record({ leaving: fc.nat(), joining: fc.array(pod, { maxLength: 3 }), crowd: fc.boolean() }), {
        maxLength: 4,
      }),
      fc.tuple(fc.nat(20), fc.nat(20)),
      (first, steps, bounds) => {
        let there: readonly Endpoint[] = first;
        let addresses = podAddresses([{ endpoints: first } as unknown as NetworkWorkload]);
        for (const { leaving, joining, crowd } of steps) {
          const out = there.slice(0, leaving % (there.length + 1));
          const more = crowd ? Array.from({ length: CROWD }, (): Endpoint => ({ ...joining[0] }) as Endpoint) : [];
          const into = [...joining, ...more.map((one) => ({ ...one, addresses: joining[0]?.addresses ?? [] }))];
          addresses = addresses.with(out, into);
          there = [...there.slice(out.length), ...into];
        }
        const [from = 0, to = 0] = [...bounds].sort((a, b) => a - b);
        for (const block of [
          { range: { from, to }, except: [] },
          { range: { from: BigInt(from), to: BigInt(to) }, except: [] },
        ])
          expect(places(addresses.within(block), there)).toEqual(
            places(
              there.filter((one) => one.addresses.some((value) => isInBlock(value, block))),
              there,
            ),
          );
      },
    ),
    { numRuns: 100 },
  );
});
