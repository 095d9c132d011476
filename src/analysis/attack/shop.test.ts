import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifests } from '../../sources/manifests.ts';
import { analyseAttack, fixPaths } from './index.ts';
import { parseNode } from './nodes.ts';

const SHOP = join(import.meta.dirname, '../../../examples/shop');
const from = parseNode('Internet');
const to = parseNode('Root');

test('the chain planted in the shop is found whole, and gone after the proposed fix', async () => {
  const snapshot = await readManifests([join(SHOP, 'manifests'), join(SHOP, 'reports')]);
  const { goal, edges } = analyseAttack(snapshot).path(from, to);
  expect(goal.reachable).toBe(true);
  expect(edges.map(({ kind }) => kind).join(' ')).toBe('A1 A2 H1 A2 H3 D1 F7 E9');

  const { fix, after } = fixPaths(snapshot, { pairs: [{ from, to }] });
  expect(fix).toMatchObject({ outcome: 'fixed', minimal: true, gap: 0, verified: true });
  expect(fix.changes).toHaveLength(1);
  expect(analyseAttack(after).path(from, to).goal.reachable).toBe(false);
});
