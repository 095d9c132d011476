import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusters } from './testing/clusters.ts';
import { compareCluster } from './testing/compare.ts';
import { compareHistory } from './testing/compare-history.ts';
import { extendedClusters } from './testing/extension-clusters.ts';
import { workloadHistories } from './testing/workload-histories.ts';

test.each([
  ['Kubernetes', clusters],
  ['Calico, Cilium and Istio', extendedClusters],
] as const)('a million packets through policies of %s: the engine and the evaluator agree', (_, arbitrary) => {
  let compared = 0;
  fc.assert(
    fc.property(arbitrary, (cluster) => {
      const result = compareCluster(cluster);
      compared += result.compared;
      expect(result.different).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
  expect(compared).toBeGreaterThan(1_000_000);
});

test('two thousand histories of workloads: an updated analysis answers as a new one does', () => {
  fc.assert(fc.property(workloadHistories, compareHistory), { numRuns: 2_000 });
});
