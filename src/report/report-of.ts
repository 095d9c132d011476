import type { CheckRun } from '../analysis/posture/run-checks.ts';
import type { JudgedClaim } from '../claims/types.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { checkReport } from './check-report.ts';
import { collectFindings } from './findings.ts';
import { checkPage } from './pages/check.ts';
import { verificationPage } from './pages/verification.ts';
import { claimPathsMarkdown } from './paths/claim-paths-markdown.ts';
import type { Report } from './report.ts';
import { foldUnread, resultOfClaim, resultOfFinding, resultsOfChecks } from './results.ts';
import { checkScreen } from './screen/check.ts';
import { verificationScreen } from './screen/verification.ts';
import type { ReachMatrix, VerificationReport } from './types.ts';
import { plural } from './wording.ts';

/** A verification, ready for every format; `reachability` is only asked for by those that draw it. */
export function reportOfVerification(
  document: VerificationReport,
  ran: readonly string[],
  reachability?: () => ReachMatrix,
): Report {
  const { source, coverage, claims, findings, summary, generatedAt, attackPaths = [] } = document;
  const { violated, unknown, holds } = summary.claims;
  const { critical, high, medium, low } = summary.findings;
  return {
    command: 'verify',
    source: source.description,
    headline: `Claims: ${violated} violated, ${unknown} unknown, ${holds} hold. Findings: ${critical} critical, ${high} high, ${medium} medium, ${low} low, ${summary.accepted} accepted, ${summary.unknownFindings} unknown.`,
    results: [...claims.map(resultOfClaim), ...foldUnread(findings.map(resultOfFinding))],
    ran,
    coverage,
    ...(generatedAt === undefined ? {} : { generatedAt }),
    document: { ...document, claims: claims.map(claimToPrint) },
    ...(attackPaths.length === 0 ? {} : { markdown: claimPathsMarkdown(attackPaths, claims) }),
    screen: (options) => verificationScreen(document, options),
    page: (options) => verificationPage(document, options, reachability?.()),
  };
}

/** Every printed claim has `observedAt`: null where nothing live was looked at, or times are left out. */
function claimToPrint(claim: JudgedClaim): object {
  return { ...claim, observedAt: claim.observedAt ?? null };
}

/** A run of checks, ready for every format. */
export function reportOfChecks(snapshot: Snapshot, run: CheckRun): Report {
  const document = checkReport(snapshot, run);
  const { source, coverage, results, summary, suppressions } = document;
  const input = collectFindings({ snapshot, suppressions }).map(resultOfFinding);
  const all = foldUnread([...resultsOfChecks(results), ...input]);
  const { fail, accepted, unknown, pass } = summary;
  return {
    command: 'check',
    source,
    headline: `${plural(fail, 'finding')}, ${accepted} accepted, ${unknown} unknown, ${pass} passed.`,
    results: all,
    ran: run.ran,
    coverage,
    document,
    screen: (options) => checkScreen(document, options),
    page: (options) => checkPage(document, all, options),
  };
}
