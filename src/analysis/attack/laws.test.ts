import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { contentsOf, createSnapshot, withUnreadable, type Snapshot } from '../../model/snapshot.ts';
import { analyseAttack } from './index.ts';
import { formatNode, parseNode } from './nodes.ts';
import { ATTACK_READS } from './paths.ts';
import { cluster, NAMESPACES, snapshotOf } from './testing/clusters.ts';

/** More by `LAWS_RUNS=2000`. */
const RUNS = Number(process.env['LAWS_RUNS'] ?? 50);

const GOALS = ['ClusterAdmin', 'Root', 'Token:b/strong', 'NamespaceAdmin:b'].map(parseNode);

function reached(snapshot: Snapshot, foothold: string): ReadonlyMap<string, boolean | 'unknown'> {
  const attack = analyseAttack(snapshot);
  return new Map(GOALS.map((goal) => [formatNode(goal), attack.path(parseNode(foothold), goal).goal.reachable]));
}

test('taking a grant or a pod away, or guarding a namespace, never opens a path', () => {
  fc.assert(
    fc.property(cluster, fc.nat(3), (whole, index) => {
      const before = reached(snapshotOf(whole), 'Token:a/default');
      const smaller = [
        { ...whole, grants: whole.grants.filter((_, at) => at !== index) },
        { ...whole, pods: whole.pods.filter((_, at) => at !== index) },
        { ...whole, guarded: [...NAMESPACES] },
      ];
      for (const one of smaller) {
        const after = reached(snapshotOf(one), 'Token:a/default');
        for (const [goal, reachable] of after)
          if (reachable === true) expect([goal, before.get(goal)]).toEqual([goal, true]);
      }
    }),
    { numRuns: RUNS },
  );
});

test('what could not be read never gives "no path"', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom(...ATTACK_READS.filter((kind) => kind !== '*')), (whole, kind) => {
      const after = reached(withUnreadable(snapshotOf(whole), [kind]), 'Token:a/default');
      for (const reachable of after.values()) expect(reachable).not.toBe(false);
    }),
    { numRuns: RUNS },
  );
});

test('the order of objects does not matter', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const backwards = { ...whole, pods: whole.pods, grants: whole.grants.toReversed() };
      expect(reached(snapshotOf(backwards), 'Token:a/default')).toEqual(reached(snapshotOf(whole), 'Token:a/default'));
    }),
    { numRuns: RUNS },
  );
});

test('essential is just what takes the path away when it is really taken out of the cluster', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const snapshot = snapshotOf(whole);
      const attack = analyseAttack(snapshot);
      const kept = contentsOf(snapshot);
      // A ServiceAccount or Namespace that is gone takes others with it, which a snapshot does not show.
      const removable = kept.resources.filter(({ object }) => !['ServiceAccount', 'Namespace'].includes(object.kind));
      for (const goal of GOALS) {
        const { essential, reachable } = attack.path(parseNode('Token:a/default'), goal).goal;
        if (reachable !== true) continue;
        const decisive = removable.filter((one) => {
          const left = createSnapshot({ ...kept, resources: kept.resources.filter((other) => other !== one) });
          return analyseAttack(left).path(parseNode('Token:a/default'), goal).goal.reachable !== true;
        });
        expect(essential.flatMap(({ kind, name }) => (kind === 'ServiceAccount' ? [] : [name])).sort()).toEqual(
          decisive.map(({ object }) => object.metadata.name).sort(),
        );
      }
    }),
    { numRuns: RUNS },
  );
});

test('a policy that lets a packet through the isolation of another is essential', () => {
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'a' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
  });
  const pods = ['x', 'y'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'a', labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
  }));
  const open = { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'x' } } }] }] };
  const essentialOf = (...policies: readonly KubernetesObject[]) =>
    analyseAttack(
      createSnapshot({
        source: { kind: 'cluster', description: 'two pods' },
        resources: [...pods, ...policies].map((object) => ({ object })),
      }),
    )
      .path(parseNode('Shell:a/x'), parseNode('Reach:a/y:80'))
      .goal.essential.flatMap(({ kind, name }) => (kind === 'NetworkPolicy' ? [name] : []));
  expect(essentialOf(policy('deny', {}), policy('open', open))).toEqual(['open']);
  // Alone, the policy both isolates and opens: without it everything is open.
  expect(essentialOf(policy('open', open))).toEqual([]);
  expect(essentialOf(policy('deny', {}), policy('open', open), policy('too', open))).toEqual([]);
});
