import { expect, test } from 'vitest';
import { findPath } from '../paths/paths.ts';
import { openScenes } from '../graph/scenes.ts';
import { textCases } from '../testing/cases.ts';
import { checksOf } from './checks.ts';

/** Every path that the text cases of the room have. */
async function* pathsOfCases() {
  for await (const { snapshot, pairs } of textCases()) {
    const scenes = openScenes(snapshot);
    for (const { from, to, verdict } of pairs) {
      if (verdict !== 'yes') continue;
      const { graph, world } = scenes.sceneFor(from, to);
      for (const hop of findPath(graph, world, from, to).hops) yield { hop, checks: checksOf(hop, world) };
    }
  }
}

test('every hop is looked at, follows from how Kubernetes works, or is said not to be looked at', async () => {
  const byDefinition = new Set<string>();
  const blind: string[] = [];
  for await (const { hop, checks } of pathsOfCases()) {
    if (checks.length === 0) blind.push(hop.edge.id);
    if (checks.length > 0 && checks.every(({ kind }) => kind === 'definition')) byDefinition.add(hop.edge.id);
  }
  expect(blind).toEqual([]);
  // H3: every node talks to the API server.
  expect([...byDefinition].filter((id) => !['C1', 'C2', 'C3', 'C4', 'F3', 'F7', 'H3'].includes(id))).toEqual([]);
  expect(byDefinition.size).toBeGreaterThan(0);
});

test('open services are looked at in the pods that run; what shows by nothing harmless is said not to be', async () => {
  const looks = new Map<string, Set<string>>();
  for await (const { hop, checks } of pathsOfCases()) {
    const known = looks.get(hop.edge.id) ?? new Set();
    looks.set(hop.edge.id, known);
    for (const { kind } of checks) known.add(kind);
  }
  const of = (id: string): readonly string[] => [...(looks.get(id) ?? [])].sort();
  for (const id of ['A3', 'A6', 'G6']) expect([id, of(id)]).toEqual([id, ['pod']]);
  expect(of('G5')).toEqual(['pod', 'review']);
  for (const id of ['A4', 'E12']) expect([id, of(id)]).toEqual([id, ['none']]);
});
