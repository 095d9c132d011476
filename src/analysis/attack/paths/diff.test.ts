import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentsOf, createSnapshot } from '../../../model/snapshot.ts';
import { diffPaths } from './diff.ts';
import { parseNode } from '../nodes.ts';
import { cluster, snapshotOf } from '../testing/clusters.ts';

const pairs = ['ClusterAdmin', 'Root'].map((to) => ({ from: parseNode('Token:a/default'), to: parseNode(to) }));

test('an object taken out and put back closes and opens the same paths, and is what did it', () => {
  fc.assert(
    fc.property(cluster, fc.nat(20), (whole, pick) => {
      const snapshot = snapshotOf(whole);
      const contents = contentsOf(snapshot);
      const removable = contents.resources.filter(({ object }) => object.kind !== 'Namespace');
      const gone = removable[pick % removable.length];
      const without = createSnapshot({ ...contents, resources: contents.resources.filter((one) => one !== gone) });
      const closed = diffPaths(snapshot, without, pairs);
      const opened = diffPaths(without, snapshot, pairs);
      expect(closed.map(({ to }) => to)).toEqual(opened.map(({ to }) => to));
      for (const { change, by, alone } of closed) {
        expect([change, alone]).toEqual(['closed', true]);
        expect(by).toMatchObject([{ change: 'removed', object: { name: gone?.object.metadata.name } }]);
      }
      for (const { change, by } of opened) expect([change, by[0]?.change]).toEqual(['opened', 'added']);
    }),
    { numRuns: 40 },
  );
});

test('nothing changed, nothing opened', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      expect(diffPaths(snapshotOf(whole), snapshotOf(whole), pairs)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('where two changes are needed together, both are named', () => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['create'] } as const;
  const subject = { namespace: 'a', account: 'default' } as const;
  const now = snapshotOf({ pods: [], guarded: [], grants: [{ rule, subject, scope: undefined }] });
  const old = createSnapshot({
    ...contentsOf(now),
    resources: contentsOf(now).resources.filter(({ object }) => !object.kind.startsWith('ClusterRole')),
  });
  const [opened] = diffPaths(old, now, [{ from: parseNode('Token:a/default'), to: parseNode('Root') }]);
  expect(opened).toMatchObject({ change: 'opened', alone: false });
  expect(opened?.by.map(({ object }) => object.kind).sort()).toEqual(['ClusterRole', 'ClusterRoleBinding']);
});
