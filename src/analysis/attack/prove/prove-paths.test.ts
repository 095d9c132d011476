import { expect, test } from 'vitest';
import { record } from '../../../model/json.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import { parseNode } from '../nodes.ts';
import { snapshotOf } from '../testing/clusters.ts';
import { provePaths, type Look } from './prove-paths.ts';

/** Two ways to root: a privileged pod of one's own, and a privileged pod that is there. */
const snapshot = snapshotOf({
  guarded: [],
  pods: [{ namespace: 'a', account: 'default', privileged: true, token: true, path: undefined }],
  grants: [
    {
      rule: { apiGroups: [''], resources: ['pods'], verbs: ['create'] },
      subject: { namespace: 'a', account: 'default' },
      scope: 'a',
    },
  ],
});
const pairs = [{ from: parseNode('Shell:a/p0'), to: parseNode('Root') }];

/** A cluster that answers by kind of look. */
function cluster(refutes: readonly string[]): Look {
  return ({ kind }) =>
    Promise.resolve({ check: kind, verdict: refutes.includes(kind) ? 'refuted' : 'proven', says: `looked: ${kind}` });
}

test('a path whose every hop is seen is proven', async () => {
  const { paths, hops, removed } = await provePaths(snapshot, pairs, cluster([]));
  expect(paths).toMatchObject([{ verdict: 'proven', hops: ['B1 Shell:a/p0 > Root'] }]);
  expect(hops).toMatchObject([{ kind: 'B1', verdict: 'proven', seen: [{ check: 'pod' }] }]);
  expect(removed).toEqual([]);
});

test('a refuted hop leaves the graph, and the next path is looked at', async () => {
  const refusesPods: Look = (check, hop) => cluster(hop.edge.id === 'B1' ? ['pod'] : [])(check, hop);
  const { paths, removed } = await provePaths(snapshot, pairs, refusesPods);
  expect(removed).toEqual(['B1 Shell:a/p0 > Root', 'B1 Code:a/p0/c > Root']);
  expect(paths).toMatchObject([{ verdict: 'proven' }]);
  expect(paths[0]?.hops.at(-1)).toBe('E9 Identity:system:serviceaccount:a:default > Root');
});

test('when every path has a refuted hop there is none', async () => {
  const { paths, removed } = await provePaths(snapshot, pairs, cluster(['pod', 'review']));
  expect(paths).toMatchObject([{ verdict: 'refuted', hops: [] }]);
  expect(removed.length).toBeGreaterThan(0);
});

test('what was not seen is never proven', async () => {
  const blind: Look = ({ kind }) => Promise.resolve({ check: kind, verdict: 'unknown', says: 'nobody answers' });
  expect((await provePaths(snapshot, pairs, blind)).paths).toMatchObject([{ verdict: 'unknown' }]);
});

test('a hop with a premise that the facts leave open is not proven by looking at the rest of it', async () => {
  const hostPid = snapshotOf({
    guarded: [],
    pods: [{ namespace: 'a', account: 'default', privileged: false, token: false, path: '/var/run/docker.sock' }],
    grants: [],
  });
  const { paths, hops } = await provePaths(withoutRoot(hostPid), pairs, cluster([]));
  expect(paths).toMatchObject([{ verdict: 'unknown' }]);
  expect(hops.flatMap(({ seen }) => seen)).toContainEqual(
    expect.objectContaining({ check: 'none', verdict: 'unknown', says: expect.stringMatching(/^not known: /) }),
  );
});

/** The same pods, none of them root: then file modes on the node decide. */
function withoutRoot(given: Snapshot): Snapshot {
  const contents = contentsOf(given);
  const resources = contents.resources.map(({ object }) => {
    if (object.kind !== 'Pod') return { object };
    return { object: { ...object, spec: { ...record(object['spec']), securityContext: { runAsUser: 1000 } } } };
  });
  return createSnapshot({ ...contents, resources });
}
