import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { policySets } from './testing/random-policies.ts';
import { startTestLab } from './testing/test-lab.ts';
import { settle } from './testing/village.ts';

test('packets and analysis agree on 200 random sets of policies', async () => {
  const lab = await startTestLab({ dualStack: true });
  try {
    const village = await settle(lab);
    let probes = 0;
    await fc.assert(
      fc.asyncProperty(policySets(village.pods.map((pod) => pod.addresses)), async (set) => {
        const compared = await village.tryOut(set);
        probes += compared.probes;
        expect(compared.disagreements).toEqual([]);
      }),
      // A failure is told at once: every try to make it smaller takes a second.
      { numRuns: 200, endOnFailure: true },
    );
    expect(probes).toBeGreaterThan(200_000);
  } finally {
    await lab.stop();
  }
});
