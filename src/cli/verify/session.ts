import { deriveClaims } from '../../claims/derive/index.ts';
import { claimId, type Claim } from '../../claims/claim.ts';
import { createFacts, type Facts } from '../../claims/facts.ts';
import { disagreements, judge } from '../../claims/judge.ts';
import { parseClaims } from '../../claims/read-claims.ts';
import type { Disagreement, Evidence, JudgedClaim } from '../../claims/types.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { LINTS, runLints, type LintResult } from '../../analysis/network/lint/index.ts';
import { runChecks } from '../../analysis/posture/run-checks.ts';
import { collectFindings } from '../../report/findings.ts';
import type { Finding } from '../../report/types.ts';
import type { Configuration } from '../config/load.ts';
import { acceptInFindings } from '../config/suppressions.ts';
import { readInputText } from '../input-file.ts';
import type { Io } from '../io.ts';

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

/** The facts of a snapshot, suppressions judged on this day. */
export function factsOf(snapshot: Snapshot, io: Io): Facts {
  return createFacts(snapshot, { today: io.now().toISOString().slice(0, 10) });
}

/** The claims of files, and those the configuration implies; a written claim takes the place of a derived one of its id. */
export function claimsFor(facts: Facts, given: readonly Claim[], derive: boolean): readonly Claim[] {
  const named = new Set(given.map(claimId));
  return [...given, ...(derive ? deriveClaims(facts).filter((claim) => !named.has(claimId(claim))) : [])];
}

const FIRST_CLAIMS = "'seaworthy claims derive' writes a first set of claims.";

/** Reads files of claims. Throws SW_CLAIMS_NOT_FOUND, SW_CLAIM_INVALID and its like. */
export async function readClaimFiles(files: readonly string[], io: Io): Promise<readonly Claim[]> {
  const read = await Promise.all(files.map(async (file) => parseClaims(await readClaimText(file, io), file)));
  const empty = files.find((_, index) => read[index]?.length === 0);
  if (empty !== undefined)
    throw new SeaworthyError('SW_CLAIMS_NOT_FOUND', `there is no claim in ${empty}`, { hint: FIRST_CLAIMS });
  return read.flat();
}

/** The text of a file of claims. Throws SW_CLAIMS_NOT_FOUND. */
export function readClaimText(file: string, io: Io): Promise<string> {
  return readInputText(file, io, {
    code: 'SW_CLAIMS_NOT_FOUND',
    hint: FIRST_CLAIMS,
  });
}
