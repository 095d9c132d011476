import { claimId } from '../../claims/claim.ts';
import type { Point, RunState } from '../design/run-record.ts';
import type { ClaimProbe } from '../probes/claims/claim-probe.ts';

/** Why the faults must not be injected. */
export interface NotSteady {
  readonly state: Extract<RunState, 'steadyStateNotMet' | 'steadyStateUnknown'>;
  readonly because: string;
}

/** A claim that can't be judged is looked at this often before it is given up. */
const MOST_LOOKS = 3;

/** Whether nothing more can be learnt by watching longer: each claim was decided once, or could not be several times. */
export function seenEnough(probes: readonly ClaimProbe[], pointsOf: (claim: string) => readonly Point[]): boolean {
  return probes.every(({ claim }) => {
    const points = pointsOf(claimId(claim));
    return points.length >= MOST_LOOKS || points.some(({ verdict }) => verdict !== 'unknown');
  });
}

/**
 * The steady state before anything is broken. Not met: a claim was violated beyond its tolerance. Unknown: none was,
 * but one could not be judged at all, so that a run would show nothing of it. Undefined when every claim held.
 */
export function notSteady(
  probes: readonly ClaimProbe[],
  pointsOf: (claim: string) => readonly Point[],
): NotSteady | undefined {
  const violated: string[] = [];
  const unseen: string[] = [];
  for (const { claim, tolerance } of probes) {
    const name = claimId(claim);
    const points = pointsOf(name);
    const decided = points.filter(({ verdict }) => verdict !== 'unknown');
    const good = decided.filter(({ verdict }) => verdict === 'holds').length;
    if (decided.length === 0) {
      unseen.push(`${name} could not be judged: ${points.at(-1)?.says ?? 'no look at it came to an end'}`);
    } else if (good / decided.length < (tolerance?.successRatio ?? 1)) {
      violated.push(`${name} did not hold: ${decided.find(({ verdict }) => verdict === 'violated')?.says ?? ''}`);
    }
  }
  if (violated.length > 0)
    return { state: 'steadyStateNotMet', because: `before anything was broken, ${violated.join('; ')}` };
  if (unseen.length > 0)
    return { state: 'steadyStateUnknown', because: `before anything was broken, ${unseen.join('; ')}` };
  return undefined;
}
