import type { Because, Severity } from '../model/because.ts';
import type { Position } from '../model/errors.ts';
import type { ObjectRef } from '../model/object.ts';
import type { AccessSpec } from './schema/access.ts';
import type { AdmissionSpec } from './schema/admission.ts';
import type { AttackPathSpec } from './schema/attack-path.ts';
import type { PostureSpec } from './schema/posture.ts';
import type { ReachSpec } from './schema/reach.ts';
import type { SteadyStateSpec } from './schema/steady-state.ts';

/** What every claim has, whatever it says. */
export interface ClaimHead {
  readonly name: string;
  /** What selectors without a namespace mean; absent = all namespaces. */
  readonly namespace?: string;
  /** The owner's own sentence; absent = generated from the body. */
  readonly statement?: string;
  readonly severity: Severity;
  readonly owner?: string;
  /** Milliseconds for which evidence stays fresh; absent = for ever. */
  readonly validForMs?: number;
  /** Where it was written; absent for derived claims. */
  readonly at?: Position;
  /** The objects that imply it; empty for claims somebody wrote. */
  readonly derivedFrom: readonly ObjectRef[];
  /** Why those objects imply it, one sentence; for derived claims. */
  readonly rationale?: string;
  /** What could not be read when it was derived, so that it may leave out something it should speak of: it can't hold. */
  readonly leavesOut?: readonly Because[];
}

/** What a claim says, keyed by its kind. */
export type ClaimBody =
  | { readonly kind: 'reach'; readonly spec: ReachSpec }
  | { readonly kind: 'access'; readonly spec: AccessSpec }
  | { readonly kind: 'admission'; readonly spec: AdmissionSpec }
  | { readonly kind: 'posture'; readonly spec: PostureSpec }
  | { readonly kind: 'attackPath'; readonly spec: AttackPathSpec }
  | { readonly kind: 'steadyState'; readonly spec: SteadyStateSpec };

/** A belief about a cluster, read and validated. */
export type Claim = ClaimHead & ClaimBody;
/** A claim of one kind. */
export type ClaimOf<K extends Claim['kind']> = Extract<Claim, { readonly kind: K }>;

/** `namespace/name`, or `name` for a claim without a namespace: how claims are named everywhere. */
export function claimId(claim: { readonly name: string; readonly namespace?: string }): string {
  return claim.namespace === undefined ? claim.name : `${claim.namespace}/${claim.name}`;
}

/** Whether a reference as written (`name` or `namespace/name`) means this claim. */
export function isReferredTo(claim: ClaimHead, reference: string): boolean {
  return reference === claimId(claim) || reference === claim.name;
}
