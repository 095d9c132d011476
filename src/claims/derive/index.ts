import { claimId, type Claim } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { leastPrivilege } from './access.ts';
import { attackPaths } from './attack-paths.ts';
import type { Derivation } from './derivation.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { networkPolicies } from './network-policies.ts';
import { podSecurity } from './pod-security.ts';
import { services } from './services.ts';

export type { Derivation } from './derivation.ts';

/** Everything that implies beliefs, in the order claims are listed. */
const DERIVATIONS: readonly Derivation[] = [
  networkPolicies,
  leastPrivilege,
  attackPaths,
  podSecurity,
  services,
  disruptionBudgets,
];

/** The beliefs a cluster's configuration implies: one claim for each, with a stable id. */
export function deriveClaims(facts: Facts): readonly Claim[] {
  const found = new Map<string, Claim>();
  for (const claim of DERIVATIONS.flatMap(({ derive }) => derive(facts))) {
    let unique = claim;
    for (let n = 2; found.has(claimId(unique)); n++) unique = { ...claim, name: `${claim.name}-${n}` };
    found.set(claimId(unique), unique);
  }
  return [...found.values()];
}
