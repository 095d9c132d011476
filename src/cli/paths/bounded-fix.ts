import { fixPaths, type FixSet } from '../../analysis/attack/index.ts';
import type { Claim } from '../../claims/claim.ts';
import { createFacts } from '../../claims/facts.ts';
import { judge } from '../../claims/judge.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Pair } from './questions.ts';

/** How long a smallest change is looked for. */
export interface FixBounds {
  /** Milliseconds after which the smallest set is no longer looked for, only one that cuts every path; its gap is stated. */
  readonly exactMs: number;
  /** Milliseconds after which what was found is given as a beginning. */
  readonly mostMs: number;
}

/** The smallest change that cuts the paths between pairs, found in bounded time, and breaking no claim about reach or access. */
export function boundedFix(
  snapshot: Snapshot,
  pairs: readonly Pair[],
  claims: readonly Claim[],
  { exactMs, mostMs }: FixBounds,
): FixSet {
  const kept = claims.filter(({ kind }) => kind === 'reach' || kind === 'access');
  const start = performance.now();
  return fixPaths(snapshot, {
    pairs,
    outOfTime: () => performance.now() - start > exactMs,
    mustStop: () => performance.now() - start > mostMs,
    ...(kept.length > 0 ? { broken: (changed: Snapshot) => brokenClaims(kept, changed) } : {}),
  }).fix;
}

function brokenClaims(claims: readonly Claim[], snapshot: Snapshot): readonly string[] {
  return judge(claims, createFacts(snapshot)).flatMap(({ claim, verdict }) => (verdict === 'violated' ? [claim] : []));
}
