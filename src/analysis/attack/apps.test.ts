import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { readManifests } from '../../sources/manifests.ts';
import { fixture } from '../../testing/fixtures.ts';
import { analyseAttack } from './index.ts';
import { parseNode, type AttackNode } from './nodes.ts';
import { podUnitsOf } from './facts/pod-units.ts';
import { shellOf } from './hops/hops.ts';

/** What a shell in each workload of a directory says about root on its node. */
async function rootFrom(directory: string) {
  const snapshot = await readManifests([directory]);
  const attack = analyseAttack(snapshot);
  const ask = (from: AttackNode) => attack.path(from, parseNode('Root')).goal.reachable;
  return podUnitsOf(snapshot).map((unit) => ({ name: unit.name, root: ask(shellOf(unit)) }));
}

const badPods = fixture('apps/badpods/manifests');
const goat = fixture('apps/kubernetes-goat/scenarios');

describe.skipIf(badPods === undefined)('badPods', () => {
  test('root on the node where the manifests allow it, nothing where they do not', async () => {
    const found = await rootFrom(badPods ?? '');
    expect(found.length).toBeGreaterThan(0);
    const wrong = found.filter(({ name, root }) => root !== /^(everything-allowed|hostpath|priv)/.test(name));
    expect(wrong).toEqual([]);
  });
});

describe.skipIf(goat === undefined)('kubernetes-goat', () => {
  test.each([
    ['system-monitor', true],
    ['health-check', true],
    ['docker-bench-security', true],
    ['build-code', false],
    ['cache-store', false],
    ['hidden-in-layers', false],
    ['internal-proxy', false],
    ['poor-registry', false],
    ['batch-check', false],
  ])('%s: root %s', async (scenario, expected) => {
    const found = await rootFrom(join(goat ?? '', scenario));
    expect(found.length).toBeGreaterThan(0);
    expect(found.map(({ root }) => root)).toEqual(found.map(() => expected));
  });
});
