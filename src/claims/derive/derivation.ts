import type { Because, Severity } from '../../model/because.ts';
import type { KindKey, ObjectRef } from '../../model/object.ts';
import type { Claim, ClaimBody } from '../claim.ts';
import type { Facts } from '../facts.ts';

/** One way in which objects of a cluster imply beliefs of their owners. */
export interface Derivation {
  readonly id: string;
  /** The objects that imply something. */
  readonly from: KindKey;
  /** What they imply, one sentence. */
  readonly title: string;
  derive(facts: Facts): readonly Claim[];
}

/** What a derived claim has beside the belief itself. */
export type DerivedHead = {
  readonly name: string;
  readonly namespace?: string;
  readonly severity: Severity;
  readonly from: readonly ObjectRef[];
  readonly rationale: string;
  /** Where the sentence made from the body would be clumsy. */
  readonly statement?: string;
  /** What could not be read and would be part of the claim. */
  readonly leavesOut?: readonly Because[];
};

/** A claim nobody wrote, with the objects that imply it. */
export function derived(head: DerivedHead, body: ClaimBody): Claim {
  return {
    name: head.name,
    ...(head.namespace === undefined ? {} : { namespace: head.namespace }),
    severity: head.severity,
    ...(head.statement === undefined ? {} : { statement: head.statement }),
    derivedFrom: head.from,
    rationale: head.rationale,
    ...(head.leavesOut === undefined || head.leavesOut.length === 0 ? {} : { leavesOut: head.leavesOut }),
    ...body,
  };
}

/** A name that is made of the names of objects, within what a name may be. */
export function nameOf(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .slice(0, 200)
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}
