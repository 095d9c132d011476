import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../../model/object.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../../../model/snapshot.ts';
import { analyseAttack, type AttackAnalysis, type OneChange } from '../index.ts';
import { parseNode } from '../nodes.ts';
import { cluster, snapshotOf, type Cluster } from '../testing/clusters.ts';

const GOALS = ['ClusterAdmin', 'Root', 'Token:b/strong', 'NamespaceAdmin:b'].map(parseNode);

function answers(attack: AttackAnalysis) {
  return GOALS.map((goal) => {
    const { goal: found, paths } = attack.path(parseNode('Token:a/default'), goal);
    return { goal: found.goal, reachable: found.reachable, essential: found.essential, cost: paths[0]?.cost };
  });
}

test('after changes one by one everything is as if all had been read anew', () => {
  fc.assert(
    fc.property(cluster, cluster, (whole, other) => {
      const objects = new Map(contentsOf(snapshotOf(whole)).resources.map(({ object }) => [keyOf(object), object]));
      const wanted = new Map(contentsOf(snapshotOf(other)).resources.map(({ object }) => [keyOf(object), object]));
      // One object after another becomes what the second cluster has under its name, or goes.
      let attack = analyseAttack(snapshotOf(whole));
      for (const key of new Set([...objects.keys(), ...wanted.keys()])) {
        const before = objects.get(key);
        const after = wanted.get(key);
        const change: OneChange = { ...(before ? { before } : {}), ...(after ? { after } : {}) };
        const once = analyseAttack(snapshotFrom([...objects.values()], whole)).after(change);
        attack = attack.after(change);
        if (after) objects.set(key, after);
        else objects.delete(key);
        const anew = answers(analyseAttack(snapshotFrom([...objects.values()], whole)));
        expect(answers(once)).toEqual(anew);
        expect(answers(attack)).toEqual(anew);
      }
    }),
    { numRuns: 15 },
  );
});

function snapshotFrom(objects: readonly KubernetesObject[], like: Cluster): Snapshot {
  return createSnapshot({ ...contentsOf(snapshotOf(like)), resources: objects.map((object) => ({ object })) });
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
