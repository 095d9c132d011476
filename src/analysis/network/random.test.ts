import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusters } from './testing/clusters.ts';
import { compareCluster } from './testing/compare.ts';
import { extendedClusters } from './testing/extension-clusters.ts';

test('the engine and the packet-by-packet evaluator agree on random clusters', () => {
  let compared = 0;
  fc.assert(
    fc.property(clusters, (cluster) => {
      const result = compareCluster(cluster, [53, 80, 443, 444]);
      compared += result.compared;
      expect(result.different).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(10_000);
});

test('they agree on policies of Calico, Cilium and Istio, too', () => {
  let compared = 0;
  fc.assert(
    fc.property(extendedClusters, (cluster) => {
      const result = compareCluster(cluster, [53, 80, 443]);
      compared += result.compared;
      expect(result.different).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(10_000);
});
