import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readManifests } from '../../../sources/manifests.ts';
import { findPath } from '../paths/paths.ts';
import { parseNode } from '../nodes.ts';
import { openScenes } from '../graph/scenes.ts';
import { checksOf } from './checks.ts';

const FOLDER = join(import.meta.dirname, '..', 'cases');

/** Every path that the text cases of the room have. */
async function* pathsOfCases() {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.case'));
  const sections = files.flatMap((file) => readFileSync(join(FOLDER, file), 'utf8').split(/^(?=# )/m));
  for (const section of sections) {
    const [manifests = '', expectations = ''] = section.replace(/^# .*\n/, '').split(/^expect\n/m);
    const scenes = openScenes(await readManifests(['-'], { stdin: Readable.from([manifests]) }));
    for (const [, from = '', to = ''] of expectations.matchAll(/^(\S+)\s+->\s+(\S+)\s+yes/gm)) {
      const pair = [parseNode(from), parseNode(to)] as const;
      const { graph, world } = scenes.sceneFor(...pair);
      for (const hop of findPath(graph, world, ...pair).hops) yield { hop, checks: checksOf(hop, world) };
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
