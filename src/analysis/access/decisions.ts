import type { AccessDecision } from './types.ts';

/** Allowed if one is; the reasons are those of the first that allows, else of all. */
export function anyOf(decisions: readonly AccessDecision[]): AccessDecision {
  const allowing = decisions.find(({ allowed }) => allowed === true);
  if (allowing) return allowing;
  const open = decisions.filter(({ allowed }) => allowed === 'unknown');
  return joined(open.length > 0 ? 'unknown' : false, open.length > 0 ? open : decisions);
}

/** Allowed if all are; otherwise the reasons are those of what is refused, or of what is unknown. */
export function allOf(decisions: readonly AccessDecision[]): AccessDecision {
  const refused = decisions.filter(({ allowed }) => allowed === false);
  if (refused.length > 0) return joined(false, refused);
  const open = decisions.filter(({ allowed }) => allowed === 'unknown');
  return open.length > 0 ? joined('unknown', open) : joined(true, decisions);
}

/** A decision that rests on one sentence. */
export function ruled(allowed: boolean, source: string, says: string): AccessDecision {
  return { allowed, grants: [], because: [{ kind: 'rule', source, says }] };
}

function joined(allowed: AccessDecision['allowed'], decisions: readonly AccessDecision[]): AccessDecision {
  return {
    allowed,
    grants: decisions.flatMap(({ grants }) => grants),
    because: decisions.flatMap(({ because }) => because),
  };
}
