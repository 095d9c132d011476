import type { Claim } from '../../../claims/claim.ts';
import type { Facts } from '../../../claims/facts.ts';
import type { Because, Verdict } from '../../../model/because.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { ProbeContext } from '../define-probe.ts';
import type { Outside } from '../outside.ts';

/** What one look at the live cluster says of a claim. */
export interface ClaimSample {
  readonly verdict: Verdict;
  /** RFC 3339 time the look began. */
  readonly at: string;
  readonly because: readonly Because[];
  /** How many single observations it is made of, by what they say. */
  readonly tally: { readonly holds: number; readonly violated: number; readonly unknown: number };
  /** Time an answer took, for claims about answers. */
  readonly milliseconds?: number;
}

/** Whether a pod, by uid, belongs to the group that is looked at. */
export type Arm = (uid: string) => boolean;

/** A claim made ready to be looked at, again and again. */
export interface ClaimProbe {
  readonly claim: Claim;
  /** Probes it uses, by id. */
  readonly uses: readonly string[];
  /** Whether it can look at one group of pods apart from the others. */
  readonly tellsArmsApart: boolean;
  /** Nothing of it can be seen live: looking again would show no more. */
  readonly neverDecides?: true;
  /** What will be looked at, one sentence each; for the plan. */
  readonly plan: readonly string[];
  /**
   * Looks once. With an arm only the pods of that group speak: those a claim is about, not those that ask. Never
   * rejects; what can't be seen is `unknown`.
   */
  sample(options?: { readonly arm?: Arm }): Promise<ClaimSample>;
  /** Share of the looks of a window that must succeed, and how long that window is; a single miss counts when absent. */
  readonly tolerance?: { readonly successRatio: number; readonly windowMs: number };
}

/** What making a claim ready needs to know of the cluster. */
export interface ClaimWorld extends ProbeContext {
  readonly snapshot: Snapshot;
  readonly facts: Facts;
  /** Absent where nobody outside the cluster can be asked. */
  readonly outside?: Outside;
  /** Reads the cluster again, for claims that only the configuration answers. */
  readonly reread: () => Promise<Snapshot>;
}

/** The verdict of several observations: one against it is enough, and what could not be seen keeps it from holding. */
export function sampleOf(
  at: string,
  parts: readonly { readonly verdict: Verdict; readonly because: readonly Because[] }[],
  milliseconds?: number,
): ClaimSample {
  const count = (verdict: Verdict): number => parts.filter((part) => part.verdict === verdict).length;
  const tally = { holds: count('holds'), violated: count('violated'), unknown: count('unknown') };
  const verdict: Verdict =
    tally.violated > 0 ? 'violated' : tally.unknown > 0 || parts.length === 0 ? 'unknown' : 'holds';
  const because = parts.filter((part) => part.verdict === verdict).flatMap((part) => part.because);
  return { verdict, at, because: because.slice(0, 12), tally, ...(milliseconds === undefined ? {} : { milliseconds }) };
}

/** Something that was seen at a time (RFC 3339), as a reason. */
export function observed(at: string, says: string, data?: unknown): Because {
  return { kind: 'observation', observedAt: at, says, ...(data === undefined ? {} : { data }) };
}
