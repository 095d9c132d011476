import type { Because, EvidenceLevel, Severity, Verdict } from '../model/because.ts';

/** One piece of evidence on a claim: what a level found, on what, and when. */
export interface Evidence {
  readonly level: EvidenceLevel;
  readonly verdict: Verdict;
  /** RFC 3339; absent for what follows from manifests alone. */
  readonly observedAt?: string;
  readonly because: readonly Because[];
  /** Where it came from: `analysis network`, `probe connect`, `experiment isolation-survives-agent-restart`. */
  readonly source: string;
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
  readonly evidence: readonly Evidence[];
}
