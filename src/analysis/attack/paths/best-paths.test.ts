import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyseAttack } from '../index.ts';
import { bestPaths } from './best-paths.ts';
import { parseNode } from '../nodes.ts';
import { openScenes } from '../graph/scenes.ts';
import { cluster, snapshotOf } from '../testing/clusters.ts';

const from = parseNode('Token:a/default');

test('more paths: the cheapest first, each another, the first the one asked for alone', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom('ClusterAdmin', 'Root', 'Token:b/strong'), (whole, goal) => {
      const to = parseNode(goal);
      const snapshot = snapshotOf(whole);
      const { graph, world } = openScenes(snapshot).sceneFor();
      const found = bestPaths(graph, world, { from, to, most: 4 });
      const costs = found.map(({ paths }) => paths[0]?.cost ?? 0);
      expect(costs).toEqual(costs.toSorted((a, b) => a - b));
      const shapes = found.map(({ edges }) => edges.map(({ id }) => id).join());
      expect(new Set(shapes).size).toBe(shapes.length);
      expect(found[0]?.paths[0]?.cost).toBe(analyseAttack(snapshot).path(from, to).paths[0]?.cost);
    }),
    { numRuns: 30 },
  );
});

test('two ways to a goal are both found', () => {
  const subject = { namespace: 'a', account: 'default' } as const;
  const grant = (resource: 'pods' | 'serviceaccounts/token') => ({
    rule: { apiGroups: [''], resources: [resource], verbs: ['create'] } as never,
    subject,
    scope: 'b' as const,
  });
  const snapshot = snapshotOf({ pods: [], guarded: ['b'], grants: [grant('pods'), grant('serviceaccounts/token')] });
  const { edges } = analyseAttack(snapshot).paths(from, parseNode('Token:b/strong'), 5);
  const kinds = edges.map(({ kind }) => kind);
  expect(kinds).toContain('D5');
  expect(kinds).toContain('E7');
});

test('where there is no path it is said what is held, and what a hop lacks', () => {
  const { goal } = analyseAttack(snapshotOf({ pods: [], guarded: [], grants: [] })).path(
    from,
    parseNode('ClusterAdmin'),
  );
  expect(goal.reachable).toBe(false);
  expect(goal.certificate?.holds).toMatchObject({ Token: 1, Identity: 1, Reach: 1 });
  expect(goal.because[0]?.says).toContain('leads from there to ClusterAdmin');
});
