import type { EvidenceLevel } from '../model/because.ts';
import type { Claim } from './claim.ts';
import type { Evidence } from './types.ts';

/** One piece of evidence as it comes in, with the claim it is about. */
export interface ClaimEvidence {
  /** Id of the claim, as `claimId` gives it. */
  readonly claim: string;
  readonly evidence: Evidence;
}

/**
 * Looks at a live cluster for evidence on claims. Implemented by the probes and experiments; `verify` is handed one
 * where the source is live. What could not be observed comes as evidence with verdict `unknown` and its reason,
 * never as nothing and never as an exception; a broken connection to the API server is thrown.
 */
export interface Prober {
  readonly level: Exclude<EvidenceLevel, 'declared' | 'analysed'>;
  /** One sentence for the person who waits: what is about to be done to the cluster. */
  readonly announcement: string;
  observe(claims: readonly Claim[], signal: AbortSignal): AsyncIterable<ClaimEvidence>;
}
