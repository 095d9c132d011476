import type { Claim } from '../../claims/claim.ts';
import type { Facts } from '../../claims/facts.ts';
import { disagreements, judge } from '../../claims/judge.ts';
import type { Disagreement, Evidence, JudgedClaim } from '../../claims/types.ts';
import { LINTS, runLints, type LintResult } from '../../analysis/network/lint/index.ts';
import { runChecks } from '../../analysis/posture/run-checks.ts';
import { collectFindings } from '../../report/findings.ts';
import type { Finding } from '../../report/types.ts';
import type { Configuration } from '../config/load.ts';
import { acceptInFindings } from '../config/suppressions.ts';

/** Everything `verify` knows of one source. */
export interface Verified {
  readonly facts: Facts;
  readonly claims: readonly JudgedClaim[];
  readonly findings: readonly Finding[];
  readonly disagreements: readonly Disagreement[];
  /** Ids of the checks that ran. */
  readonly ran: readonly string[];
}

/** What one verification judges. */
export interface VerifyRequest {
  readonly claims: readonly Claim[];
  readonly evidence?: ReadonlyMap<string, readonly Evidence[]>;
  /** RFC 3339. */
  readonly now: string;
  /** Findings that the configuration accepts. */
  readonly configuration?: Configuration;
}

/** Judges claims over a snapshot and collects every finding. */
export function verify(facts: Facts, { claims, evidence, now, configuration }: VerifyRequest): Verified {
  const { snapshot } = facts;
  const judged = judge(claims, facts, { now, ...(evidence ? { evidence } : {}) });
  const disagreed = disagreements(judged);
  const today = now.slice(0, 10);
  const { results, suppressions, ran } = runChecks(snapshot, { today });
  const sources = {
    snapshot,
    checks: results,
    suppressions,
    policyProblems: facts.network.problems,
    lints: policyLints(facts),
    accessFindings: facts.access.findings,
    disagreements: disagreed,
  };
  const findings = configuration ? acceptInFindings(sources, configuration, today) : collectFindings(sources);
  return { facts, claims: judged, findings, disagreements: disagreed, ran };
}

/** What is wrong with policies. Trying each fix, and what only tidies up, is for `reach lint`. */
function policyLints({ snapshot, network }: Facts): readonly LintResult[] {
  const results = runLints(LINTS, { snapshot, analysis: network }, { verify: 0 });
  return results.filter(({ severity }) => severity !== 'low');
}
