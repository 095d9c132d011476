import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyseNetwork, formatPorts } from '../../analysis/network/index.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { withUnreadable } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { reachMatrix } from './matrix.ts';
import type { ReachMatrix } from '../types.ts';

const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop', 'manifests');

/** Every cell with something in it, written out: `from -> to ports`. */
function cellsOf({ workloads, ports, patterns, rows }: ReachMatrix): readonly string[] {
  return rows.flatMap((pattern, row) => {
    const values = (patterns[pattern] ?? []).flatMap((count, at, runs) =>
      at % 2 === 0 ? Array.from({ length: count }, () => runs[at + 1] ?? 0) : [],
    );
    return values.flatMap((value, column) =>
      value === 0 || row === column ? [] : [`${workloads[row]} -> ${workloads[column]} ${ports[value]}`],
    );
  });
}

test('the matrix says of every pair of workloads what the list of connections says', async () => {
  const network = analyseNetwork(await readManifests([SHOP]));
  const listed = network
    .connections()
    .filter(({ from, to }) => from.kind === 'workload' && to.kind === 'workload')
    .map(({ from, to, ports }) => `${formatPeer(from)} -> ${formatPeer(to)} ${formatPorts(ports)}`);
  const certain = cellsOf(reachMatrix(network)).filter((cell) => !cell.endsWith(' ?'));
  expect(certain.length).toBeGreaterThan(10);
  expect([...certain].sort()).toEqual(listed.sort());
});

test('what could not be read leaves cells undecided, never empty', async () => {
  const snapshot = withUnreadable(await readManifests([SHOP]), ['NetworkPolicy.networking.k8s.io']);
  const matrix = reachMatrix(analyseNetwork(snapshot));
  const undecided = cellsOf(matrix).filter((cell) => cell.endsWith(' ?'));
  const pairs = matrix.workloads.length * (matrix.workloads.length - 1);
  expect([matrix.exact, undecided.length]).toEqual([true, pairs]);
});
