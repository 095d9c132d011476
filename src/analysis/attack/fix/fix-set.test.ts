import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refId, refOf } from '../../../model/object.ts';
import { contentsOf, type Snapshot } from '../../../model/snapshot.ts';
import { analyseAttack } from '../index.ts';
import { parseNode } from '../nodes.ts';
import { openScenes } from '../graph/scenes.ts';
import { cluster, snapshotOf } from '../testing/clusters.ts';
import type { Change } from './change.ts';
import { changesOf } from './changes.ts';
import { withChanges } from './cuts.ts';
import { fixPaths } from './fix-set.ts';

const from = parseNode('Token:a/default');
const GOALS = ['ClusterAdmin', 'Root', 'Token:b/strong'].map(parseNode);

test('after the changes there is no path, and what is said to be smallest is no larger than any fix of one change', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom(...GOALS), (whole, to) => {
      const snapshot = snapshotOf(whole);
      const before = analyseAttack(snapshot).path(from, to).goal.reachable;
      const { fix, after } = fixPaths(snapshot, { pairs: [{ from, to }] });
      if (before === false) expect(fix).toMatchObject({ outcome: 'nothing', changes: [] });
      if (fix.outcome !== 'fixed') return;
      expect(analyseAttack(after).path(from, to).goal.reachable).toBe(false);
      if (fix.changes.length > 1) {
        // The slow way: no change that the reasons of any hop offer does it alone.
        const alone = everyChange(snapshot).filter(
          (one) => analyseAttack(withChanges(snapshot, [one])).path(from, to).goal.reachable === false,
        );
        expect(alone.map(({ says }) => says)).toEqual([]);
      }
    }),
    { numRuns: 25 },
  );
});

test('a set made in haste does as well, and its bounds hold', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom(...GOALS), (whole, to) => {
      const snapshot = snapshotOf(whole);
      const pairs = [{ from, to }];
      const smallest = fixPaths(snapshot, { pairs }).fix;
      const hasty = fixPaths(snapshot, { pairs, patience: 0, outOfTime: () => true });
      if (smallest.outcome !== 'fixed') return;
      expect(hasty.fix.outcome).toBe('fixed');
      expect(analyseAttack(hasty.after).path(from, to).goal.reachable).toBe(false);
      expect(hasty.fix.lowerBound).toBeLessThanOrEqual(smallest.changes.length);
      expect(hasty.fix.upperBound).toBeGreaterThanOrEqual(smallest.changes.length);
      expect(fixPaths(snapshot, { pairs, patience: 0 }).fix.changes.length).toBe(smallest.changes.length);
    }),
    { numRuns: 25 },
  );
});

test('without any time a beginning is given, and no gap where no set is known', () => {
  const subject = { namespace: 'a', account: 'default' } as const;
  const granted = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] } as const;
  const snapshot = snapshotOf({ pods: [], guarded: [], grants: [{ rule: granted, subject, scope: undefined }] });
  const { fix } = fixPaths(snapshot, { pairs: [{ from, to: parseNode('ClusterAdmin') }], mustStop: () => true });
  expect(fix).toMatchObject({ outcome: 'unfinished', lowerBound: 1, verified: false });
  expect([fix.gap, fix.upperBound]).toEqual([undefined, undefined]);
});

/** All changes that the hops of the whole graph offer. */
function everyChange(snapshot: Snapshot): readonly Change[] {
  const { graph, world } = openScenes(snapshot).sceneFor();
  const seen = new Set<number>();
  const changes = new Map<string, Change>();
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const arc of graph.arcsFrom(id)) {
      for (const change of changesOf(arc, graph, world)) changes.set(change.id, change);
      visit(arc.to);
    }
  };
  for (const start of [from, parseNode('Reach:default/kubernetes:443')]) visit(graph.idOf(start));
  return [...changes.values()];
}

test('a change touches one object and leaves all others as they are', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const snapshot = snapshotOf(whole);
      for (const change of everyChange(snapshot).slice(0, 5)) {
        const left = contentsOf(withChanges(snapshot, [change])).resources.map(({ object }) => object);
        const kept = contentsOf(snapshot)
          .resources.map(({ object }) => object)
          .filter((one) => !left.includes(one));
        expect(kept.map((one) => refId(refOf(one)))).toEqual([refId(change.object)]);
      }
    }),
    { numRuns: 25 },
  );
});

test('a change that breaks a claim is left out, and the next best is taken', () => {
  const snapshot = snapshotOf({
    pods: [],
    guarded: [],
    grants: [
      {
        rule: { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
        subject: { namespace: 'a', account: 'default' },
        scope: undefined,
      },
    ],
  });
  const pairs = [{ from, to: parseNode('Root') }];
  const { fix: free } = fixPaths(snapshot, { pairs });
  expect(free).toMatchObject({ outcome: 'fixed', minimal: true, lowerBound: 1, gap: 0, verified: true });
  const first = free.changes[0]!;
  const kept = (changed: Snapshot): boolean =>
    changed.get(`${first.object.kind}.rbac.authorization.k8s.io`, undefined, first.object.name)?.object ===
    snapshot.get(`${first.object.kind}.rbac.authorization.k8s.io`, undefined, first.object.name)?.object;
  const { fix: careful } = fixPaths(snapshot, { pairs, broken: (changed) => (kept(changed) ? [] : ['mine']) });
  expect(careful).toMatchObject({ outcome: 'fixed', excluded: [{ changes: [first.says], claims: ['mine'] }] });
  expect(careful.changes[0]!.object).not.toEqual(first.object);
});
