import type { ClaimOf } from '../../../claims/claim.ts';
import { namespaceOf } from '../../../claims/facts.ts';
import { refId } from '../../../model/object.ts';
import { livePods } from '../live-pods.ts';
import { observed, sampleOf, type ClaimProbe, type ClaimSample, type ClaimWorld } from './claim-probe.ts';
import { describeReachCell, judgeCells, worstFirst } from './judged-cell.ts';
import { tryCells } from './reach-asking.ts';
import { cellsOf } from './reach-cells.ts';
import { controlFinder } from './reach-controls.ts';
import { strangerLook } from './stranger-look.ts';
import { describeStrangerCell, strangerCells } from './strangers.ts';

/** Tries the connections a claim speaks of, each closed one beside controls from the same container. */
export function reachProbe(claim: ClaimOf<'reach'>, world: ClaimWorld): ClaimProbe {
  const { cells, ...inside } = cellsOf(claim, world.facts);
  const strangers = strangerCells(claim, world.facts, world.outside);
  const asStrangers = strangerLook(strangers.cells, world);
  const blind = [...inside.blind, ...strangers.blind];
  const assumed = [...inside.assumed, ...strangers.assumed];
  const sources = new Map(cells.map(({ from }) => [refId(from.ref), from]));
  const controls = controlFinder(world, [...sources.values()]);
  const namespaces = [
    ...new Set(
      [
        ...cells.flatMap(({ from, to }) => [from, to]),
        ...controls.workloads,
        ...strangers.cells.flatMap(({ from, to }) => [to, ...(from.kind === 'node' ? from.speakers : [])]),
      ].map(namespaceOf),
    ),
  ];
  return {
    claim,
    uses: ['connect'],
    tellsArmsApart: true,
    ...(cells.length + strangers.cells.length === 0 ? { neverDecides: true as const } : {}),
    plan: [
      ...cells.map((cell) => `${describeReachCell(cell)} is ${cell.expect}`),
      ...strangers.cells.map(describeStrangerCell),
      ...blind,
      ...assumed,
    ],
    async sample({ arm } = {}): Promise<ClaimSample> {
      const now = world.clock.now().toISOString();
      try {
        const pods = await livePods(world.cluster, namespaces, world.signal);
        const [tried, outside] = await Promise.all([
          tryCells(cells, { pods, arm, controls, world }),
          asStrangers.look(pods, arm),
        ]);
        const parts = worstFirst([...judgeCells(tried), ...outside]);
        const unseen = blind.map((says) => ({ verdict: 'unknown' as const, because: [observed(now, says)] }));
        return summed(sampleOf(now, [...parts, ...unseen]), parts.length, assumed);
      } catch (thrown) {
        return sampleOf(now, [
          { verdict: 'unknown', because: [observed(now, `the connections could not be tried: ${String(thrown)}`)] },
        ]);
      }
    },
  };
}

/** The sample with what it comes to in its first sentence, and what is left to the configuration in its last. */
function summed(sample: ClaimSample, connections: number, assumed: readonly string[]): ClaimSample {
  const { verdict, at, tally, because } = sample;
  if (verdict === 'violated' || connections === 0) return sample;
  const says =
    verdict === 'holds'
      ? `tried: ${connections === 1 ? 'the one connection is' : `all ${connections} connections are`} as the claim says`
      : `tried: ${tally.holds} of ${connections} connections are as the claim says; what could not be seen leaves it undecided`;
  return { ...sample, because: [observed(at, says), ...because, ...assumed.map((rest) => observed(at, rest))] };
}
