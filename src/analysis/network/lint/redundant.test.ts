import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../../model/snapshot.ts';
import { changedEdges } from '../diff/diff.ts';
import { analyseNetwork } from '../index.ts';
import { formatPeer } from '../answers/report.ts';
import { clusters, snapshotOf } from '../testing/clusters.ts';
import { applyChanges, type Change } from './change.ts';
import type { Lint } from './define-lint.ts';
import { redundantPolicy } from './redundant-policy.ts';
import { redundantRule } from './redundant-rule.ts';
import { shadowedRule } from './shadowed-rule.ts';

/** Every policy twice, so that there is something to find: the second of an ordered tier comes last. */
function doubled(snapshot: Snapshot): Snapshot {
  const copies = snapshot
    .kinds()
    .filter((kind) => /NetworkPolicy/.test(kind) && !kind.startsWith('Baseline'))
    .flatMap((kind) => snapshot.list(kind))
    .map(({ object }): Change => {
      const metadata = { ...object.metadata, name: `${object.metadata.name}-copy` };
      const spec = object['spec'] as Record<string, unknown>;
      const last = typeof spec?.['priority'] === 'number' ? { priority: 1000 } : {};
      return { kind: 'create', manifest: { ...object, metadata, spec: { ...spec, ...last } } };
    });
  return applyChanges(snapshot, copies);
}

/** The slow twin: take it away and compare every pair. What is called redundant must change nothing. */
test.each<{ readonly lint: Lint; readonly least: number }>([
  { lint: redundantRule, least: 10 },
  { lint: redundantPolicy, least: 10 },
  { lint: shadowedRule, least: 10 },
])('what $lint.id finds can go without any connection changing', ({ lint, least }) => {
  let found = 0;
  fc.assert(
    fc.property(clusters, fc.boolean(), (cluster, twice) => {
      const snapshot = twice ? doubled(snapshotOf(cluster)) : snapshotOf(cluster);
      const analysis = analyseNetwork(snapshot);
      for (const finding of [...lint.run({ snapshot, analysis })].slice(0, 4)) {
        found++;
        const without = analyseNetwork(applyChanges(snapshot, finding.fix.changes ?? []));
        const changed = changedEdges(analysis, without);
        expect(changed.map(({ from, to }) => [finding.message, formatPeer(from), formatPeer(to)])).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
  // The inputs must give the lint something to find, or this test says nothing.
  expect(found).toBeGreaterThanOrEqual(least);
});

test('redundant policies can all go together', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const snapshot = doubled(snapshotOf(cluster));
      const analysis = analyseNetwork(snapshot);
      const found = [...redundantPolicy.run({ snapshot, analysis })];
      const without = applyChanges(
        snapshot,
        found.flatMap(({ fix }) => fix.changes ?? []),
      );
      expect(changedEdges(analysis, analyseNetwork(without))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
