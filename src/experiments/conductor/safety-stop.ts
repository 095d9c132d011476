import { parseDuration } from '../../model/duration.ts';
import type { Point } from '../design/run-record.ts';
import type { Experiment } from '../schema.ts';

/** Nothing seen of any claim for this long under fault is no reason to go on. */
const BLIND_MS = 15_000;

/** The rules of an experiment, and what they are held against. */
export interface SafetyStop {
  readonly rules: Experiment['spec']['stopWhen'];
  /** Ids of the claims that are watched. */
  readonly claims: readonly string[];
  /** Time between two looks. */
  readonly everyMs: number;
  /** RFC 3339, when watching began. */
  readonly since: string;
  readonly pointsOf: (claim: string) => readonly Point[];
}

/**
 * Why a run must end at once, looked at after every look while something is broken. A fixed bound, apart from the
 * statistics of the verdict; a claim that can't be seen counts as violated here. Undefined when it may go on.
 */
export function reasonToStop(
  { rules, claims, everyMs, since, pointsOf }: SafetyStop,
  claim: string,
  point: Point,
): string | undefined {
  const now = Date.parse(point.at);
  for (const rule of rules) {
    if (rule.claim !== claim && !claim.endsWith(`/${rule.claim}`)) continue;
    const lastGood = pointsOf(claim).findLast(({ verdict }) => verdict === 'holds');
    const bad = now - Date.parse(lastGood?.at ?? since);
    if (point.verdict === 'holds' || bad < (parseDuration(rule.violatedFor) ?? 0)) continue;
    const what = point.verdict === 'violated' ? 'did not hold' : 'could not be seen';
    return `${claim} ${what} for ${(bad / 1_000).toFixed(1)} s${point.says === undefined ? '' : `: ${point.says}`}`;
  }
  const lastSeen = Math.max(
    ...claims.map((name) => Date.parse(pointsOf(name).findLast(({ verdict }) => verdict !== 'unknown')?.at ?? since)),
  );
  return now - lastSeen > BLIND_MS + everyMs ? 'nothing can be seen of any claim any more' : undefined;
}
