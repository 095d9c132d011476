import type { Because, EvidenceLevel, Severity, Verdict } from '../model/because.ts';
import type { ObjectRef } from '../model/object.ts';

/** One piece of evidence on a claim: what a level found, on what, and when. */
export interface Evidence {
  readonly level: EvidenceLevel;
  readonly verdict: Verdict;
  /** RFC 3339; absent for what follows from manifests alone. */
  readonly observedAt?: string;
  readonly because: readonly Because[];
  /** Where it came from: `analysis network`, `probe connect`, `experiment isolation-survives-agent-restart`. */
  readonly source: string;
  /** Older than the claim's validFor: shown, and no longer counted. */
  readonly stale?: true;
}

/** A claim with its verdict, as `verify` reports it. */
export interface JudgedClaim {
  /** `namespace/name` of the claim, or `name`. */
  readonly claim: string;
  readonly kind: string;
  readonly statement: string;
  readonly severity: Severity;
  readonly owner?: string;
  readonly derived: boolean;
  readonly verdict: Verdict;
  readonly level: EvidenceLevel;
  readonly observedAt?: string;
  readonly because: readonly Because[];
  /** Strongest first, then newest. */
  readonly evidence: readonly Evidence[];
  /** The objects that imply a derived claim. */
  readonly derivedFrom?: readonly ObjectRef[];
  /** Why they imply it. */
  readonly rationale?: string;
}

/** Two levels of evidence that say opposite things of one claim: always worth a look, whichever is right. */
export interface Disagreement {
  readonly claim: string;
  readonly statement: string;
  readonly severity: Severity;
  readonly stronger: Evidence;
  readonly weaker: Evidence;
}
