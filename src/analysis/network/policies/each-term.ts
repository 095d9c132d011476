import { DIRECTIONS, type PeerTerm, type Policy } from './policy.ts';

/** Calls `visit` for the terms of a policy's peers that are no combination of others. */
export function eachTerm(policy: Policy, visit: (term: PeerTerm) => void): void {
  for (const direction of DIRECTIONS)
    for (const { peers } of policy.rules[direction]) for (const { term } of peers) eachLeaf(term, visit);
}

/** Calls `visit` for the terms of which one is put together. */
export function eachLeaf(term: PeerTerm, visit: (term: PeerTerm) => void): void {
  if (term.kind === 'not') eachLeaf(term.term, visit);
  else if (term.kind === 'allOf' || term.kind === 'anyOf') for (const part of term.terms) eachLeaf(part, visit);
  else visit(term);
}
