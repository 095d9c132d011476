import type { Because, EvidenceLevel, Verdict } from '../../model/because.ts';
import { confidenceSequence } from '../statistics/confidence-sequence.ts';
import { signFlipProcess } from '../statistics/sign-flip.ts';
import type { Comparison, Point, RunState, Series } from './run-record.ts';
import type { Design } from '../schema.ts';

/** What a run has to say of one claim, put together by `judgeRun`. */
export interface ClaimEvidenceOfRun {
  readonly series: readonly Series[];
  readonly design: Design;
  readonly state: RunState;
  /** Why the run did not complete. */
  readonly stateBecause?: string;
  /** Whether every fault bit, as far as is known. */
  readonly bit: boolean | 'unknown';
  readonly bitSays: readonly string[];
  readonly tolerance?: { readonly successRatio: number; readonly windowMs: number };
}

/** What a run says of one claim. */
export interface JudgedRun {
  readonly verdict: Verdict;
  readonly level: EvidenceLevel;
  readonly because: readonly Because[];
  readonly comparison: Comparison;
  readonly recovery?: { readonly milliseconds: number; readonly recovered: boolean };
}

/** A verdict on fewer looks than this would be one on luck. */
const FEWEST_LOOKS = 3;
/** A claim that could not be seen for more than this share of the looks under fault is not known to have held. */
const MOST_UNSEEN = 0.5;

/**
 * The verdict of a run on one claim. One violation beyond the claim's tolerance is enough against it. It holds only
 * when the run was completed, every fault bit, and enough of the looks could decide: whatever is missing makes it
 * unknown, never better.
 */
export function judgeRun(evidence: ClaimEvidenceOfRun): JudgedRun {
  const { series, design, state, bit } = evidence;
  const points = (series.find(({ group }) => group === 'all') ?? series[0])?.points ?? [];
  const before = points.filter(({ phase }) => phase === 'before');
  const faulted = points.filter(({ phase, counted }) => counted && (phase === 'during' || phase === 'on'));
  const tried = points.filter(({ phase }) => phase !== 'before');
  const comparison = compare(series, design);
  const last = points.at(-1)?.at ?? '';
  const say = (says: string): Because => ({ kind: 'observation', observedAt: last, says });

  if (state === 'steadyStateNotMet' || state === 'steadyStateUnknown') {
    const bad = worst(before, evidence.tolerance);
    if (bad) {
      const because = [say(`before anything was broken: ${bad.says}`)];
      return { verdict: 'violated', level: 'observed', because, comparison };
    }
    const says = `nothing was broken: ${evidence.stateBecause ?? 'the steady state was not there'}`;
    return { verdict: 'unknown', level: 'declared', because: [say(says)], comparison };
  }
  const bad = worst(tried, evidence.tolerance);
  if (bad) {
    const recovery = recoveryOf(lastEpisode(tried, design), bad.first);
    const way = recovery.recovered
      ? `it held again after ${seconds(recovery.milliseconds)}`
      : `it did not hold again within ${seconds(recovery.milliseconds)}`;
    const because = [say(`${bad.says}; ${way}`), say(attribution(comparison, bit))];
    return { verdict: 'violated', level: bit === true ? 'proven' : 'observed', because, comparison, recovery };
  }
  const unknown = (...says: readonly string[]): JudgedRun => ({
    verdict: 'unknown',
    level: 'proven',
    because: says.map(say),
    comparison,
  });
  if (state !== 'completed')
    return unknown(`the run was ${state}${evidence.stateBecause === undefined ? '' : `: ${evidence.stateBecause}`}`);
  if (bit !== true)
    return unknown('the faults are not known to have bitten, so nothing was proven', ...evidence.bitSays);
  const seen = faulted.filter(({ verdict }) => verdict !== 'unknown');
  const unseen = faulted.length - seen.length;
  const counts = `${seen.length} of ${faulted.length} looks under fault decided`;
  const why = faulted.find(({ verdict }) => verdict === 'unknown')?.says;
  if (seen.length < FEWEST_LOOKS || unseen > faulted.length * MOST_UNSEEN)
    return unknown(
      `only ${counts}; at least ${FEWEST_LOOKS}, and half of all, are needed: let the faults last longer`,
      ...(why === undefined ? [] : [why]),
    );
  if (points.at(-1)?.verdict === 'unknown')
    return unknown(
      'at the end it could no longer be seen',
      ...(points.at(-1)?.says === undefined ? [] : [points.at(-1)?.says ?? '']),
    );
  const weaker =
    design.kind === 'single'
      ? [say('one run before, during and after: the weaker design, which does not tell the fault from coincidence')]
      : [];
  return {
    verdict: 'holds',
    level: 'proven',
    because: [
      say(`it held in every look that decided while the faults were in effect (${counts})`),
      ...evidence.bitSays.map(say),
      ...weaker,
    ],
    comparison,
  };
}

/** The first violation beyond tolerance: any single one without a tolerance, else the first window below the ratio. */
function worst(
  points: readonly Point[],
  tolerance: ClaimEvidenceOfRun['tolerance'],
): { readonly says: string; readonly first: Point } | undefined {
  const decided = points.filter(({ verdict }) => verdict !== 'unknown');
  if (!tolerance) {
    const first = decided.find(({ verdict }) => verdict === 'violated');
    const count = decided.filter(({ verdict }) => verdict === 'violated').length;
    return (
      first && { first, says: `violated in ${count} of ${decided.length} looks, first: ${first.says ?? first.at}` }
    );
  }
  const time = (point: Point): number => Date.parse(point.at);
  const end = decided.at(-1);
  for (const [index, start] of decided.entries()) {
    // A window that the run cuts short counts only when it is all there is.
    if (index > 0 && end && time(start) + tolerance.windowMs > time(end)) break;
    const window = decided.filter(
      (point) => time(point) >= time(start) && time(point) <= time(start) + tolerance.windowMs,
    );
    const good = window.filter(({ verdict }) => verdict === 'holds').length;
    const first = window.find(({ verdict }) => verdict === 'violated');
    if (first && good / window.length < tolerance.successRatio) {
      const share = `${good} of ${window.length} answers in ${seconds(tolerance.windowMs)} were good, ${(tolerance.successRatio * 100).toFixed(0)} % are wanted`;
      return { first, says: `${share}; first bad one: ${first.says ?? first.at}` };
    }
  }
  return undefined;
}

/** Of a switchback only what followed the last block with the faults in which it was violated: before, it held again between blocks. */
function lastEpisode(points: readonly Point[], { kind }: Design): readonly Point[] {
  if (kind !== 'switchback') return points;
  const on = points.findLast(({ phase, verdict }) => phase === 'on' && verdict === 'violated')?.block;
  return on === undefined ? points : points.filter(({ block }) => block === undefined || block >= on);
}

/** From the first violation until the last: after it, the claim held to the end. */
function recoveryOf(
  points: readonly Point[],
  first: Point,
): { readonly milliseconds: number; readonly recovered: boolean } {
  const begun = points.find(({ verdict }) => verdict === 'violated') ?? first;
  const lastBad = points.findLast(({ verdict }) => verdict === 'violated') ?? first;
  const good = points.find(({ at, verdict }) => at > lastBad.at && verdict === 'holds');
  const until = good ?? points.at(-1) ?? first;
  return { milliseconds: Date.parse(until.at) - Date.parse(begun.at), recovered: good !== undefined };
}

function compare(series: readonly Series[], design: Design): Comparison {
  switch (design.kind) {
    case 'single':
      return { kind: 'none', because: 'a single run before, during and after has nothing to compare with' };
    case 'switchback': {
      const differences = pairsOf(series.find(({ group }) => group === 'all')?.points ?? []);
      const process = differences.reduce((soFar, difference) => soFar.add(difference), signFlipProcess());
      return {
        kind: 'switchback',
        pairs: process.pairs,
        eValue: process.eValue,
        alpha: design.alpha,
        blamed: process.eValue >= 1 / design.alpha,
      };
    }
    case 'parallel': {
      const under = (group: string): readonly Point[] =>
        (series.find((one) => one.group === group)?.points ?? []).filter(
          ({ phase, counted }) => counted && phase === 'during',
        );
      const [experimental, control] = [under('experimental'), under('control')];
      if (!series.some(({ group }) => group === 'experimental'))
        return { kind: 'none', because: "this claim can't be looked at for one group of pods apart from the other" };
      if (experimental.length === 0) return { kind: 'none', because: 'no look at both groups fell under the faults' };
      // The two groups are looked at at the same moments: what shakes both cancels out of the difference.
      const differences = experimental.flatMap((point, index) => {
        const beside = control[index];
        return beside && point.verdict !== 'unknown' && beside.verdict !== 'unknown' ? [bad(point) - bad(beside)] : [];
      });
      const { estimate, lower, upper } = confidenceSequence(differences, design.alpha);
      const interval = Number.isFinite(lower) ? { interval: [lower, upper] as const } : {};
      return { kind: 'parallel', difference: estimate, ...interval, alpha: design.alpha, blamed: lower > 0 };
    }
  }
}

/** Differences in the share of violations, fault minus none, of each pair of blocks that both could be seen. */
function pairsOf(points: readonly Point[]): readonly number[] {
  const blocks = new Map<number, { arm: 'on' | 'off'; decided: Point[] }>();
  for (const point of points) {
    if (!point.counted || point.block === undefined || (point.phase !== 'on' && point.phase !== 'off')) continue;
    const block = blocks.get(point.block) ?? { arm: point.phase, decided: [] };
    if (point.verdict !== 'unknown') block.decided.push(point);
    blocks.set(point.block, block);
  }
  const differences: number[] = [];
  for (let pair = 0; blocks.has(2 * pair) || blocks.has(2 * pair + 1); pair++) {
    const both = [blocks.get(2 * pair), blocks.get(2 * pair + 1)];
    const share = (arm: 'on' | 'off'): number | undefined => {
      const decided = both.find((block) => block?.arm === arm)?.decided ?? [];
      return decided.length === 0 ? undefined : decided.reduce((sum, point) => sum + bad(point), 0) / decided.length;
    };
    const [on, off] = [share('on'), share('off')];
    if (on !== undefined && off !== undefined) differences.push(on - off);
  }
  return differences;
}

const bad = ({ verdict }: Point): number => (verdict === 'violated' ? 1 : 0);

function attribution(comparison: Comparison, bit: boolean | 'unknown'): string {
  switch (comparison.kind) {
    case 'switchback': {
      const evidence = `e-value ${comparison.eValue.toFixed(1)} after ${comparison.pairs} pairs of blocks, ${(1 / comparison.alpha).toFixed(0)} is needed`;
      return comparison.blamed
        ? `the faults are to blame: ${evidence}`
        : `that the faults are to blame is not shown: ${evidence}`;
    }
    case 'parallel':
      return comparison.blamed
        ? `the faults are to blame: the experimental group was violated more often by ${(comparison.difference * 100).toFixed(0)} points`
        : 'that the faults are to blame is not shown: the two groups do not differ clearly';
    case 'none':
      return bit === true
        ? 'it held before and the faults were in effect; this design does not tell them from coincidence'
        : 'whether the faults were in effect is not known';
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
