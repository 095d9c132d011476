import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusters } from './testing/clusters.ts';
import { compareCluster } from './testing/compare.ts';

test('a million packets: the engine and the packet-by-packet evaluator agree', () => {
  let compared = 0;
  fc.assert(
    fc.property(clusters, (cluster) => {
      const result = compareCluster(cluster);
      compared += result.compared;
      expect(result.different).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
  expect(compared).toBeGreaterThan(1_000_000);
});
