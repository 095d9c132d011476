import type { Because } from '../model/because.ts';
import { claimId, type Claim } from './claim.ts';
import type { Facts } from './facts.ts';
import { kindOf } from './kinds/index.ts';

/** Something a claim's author should look at before relying on it. */
export interface ClaimLint {
  readonly claim: string;
  /** empty: it speaks of nothing here; contradiction: it and another can't both be true. */
  readonly lint: 'empty' | 'contradiction';
  readonly says: string;
  readonly file?: string;
  readonly line?: number;
}

/** Claims that select nothing here, and pairs that say opposite things of the same. O(claims). */
export function lintClaims(claims: readonly Claim[], facts: Facts): readonly ClaimLint[] {
  const empty = claims.flatMap((claim) =>
    kindOf(claim)
      .emptiness(claim, facts)
      .map((because) => lintOf(claim, 'empty', because)),
  );
  return [...empty, ...contradictions(claims)];
}

/** Claims that differ in what they expect and in nothing else they say. */
function contradictions(claims: readonly Claim[]): readonly ClaimLint[] {
  const bySubject = new Map<string, Claim>();
  return claims.flatMap((claim): readonly ClaimLint[] => {
    if (claim.kind === 'steadyState' || claim.kind === 'posture' || claim.kind === 'attackPath') return [];
    const { expect: expected, ...subject } = claim.spec;
    const key = `${claim.kind} ${claim.namespace ?? ''} ${JSON.stringify(subject)}`;
    const other = bySubject.get(key);
    if (!other) bySubject.set(key, claim);
    if (!other || !('expect' in other.spec) || typeof other.spec.expect !== 'string') return [];
    if (!areOpposite(expected, other.spec.expect)) return [];
    const says = `it says ${expected} and claim ${claimId(other)} says ${other.spec.expect} of the same: both can't be true`;
    return [lintOf(claim, 'contradiction', { kind: 'rule', source: 'claims lint', says })];
  });
}

function areOpposite(a: string, b: string): boolean {
  return (a === 'denied') !== (b === 'denied') && a !== 'atMost' && b !== 'atMost';
}

function lintOf(claim: Claim, lint: ClaimLint['lint'], { says }: Because): ClaimLint {
  const { at } = claim;
  return {
    claim: claimId(claim),
    lint,
    says,
    ...(at ? { file: at.file } : {}),
    ...(at?.line === undefined ? {} : { line: at.line }),
  };
}
