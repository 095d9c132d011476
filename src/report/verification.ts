import type { Disagreement, JudgedClaim } from '../claims/types.ts';
import { SEVERITIES, type EvidenceLevel, type Severity } from '../model/because.ts';
import { formatPosition } from '../model/errors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { formatKubernetesVersion } from '../model/version.ts';
import { verificationPage } from './html/verification.ts';
import type { ClaimPaths } from './paths/claim-paths.ts';
import { claimPathsMarkdown } from './paths/claim-paths-markdown.ts';
import type { Report } from './report.ts';
import { aboutOf, foldUnread, positionOf, resultOfClaim, resultOfFinding } from './results.ts';
import { isHardening } from './rules.ts';
import { verificationScreen } from './screen/verification.ts';
import type {
  Comparison,
  ExperimentReport,
  Finding,
  ReachMatrix,
  ReportSummary,
  VerificationReport,
  WorstThing,
} from './types.ts';

export interface ReportParts {
  readonly snapshot: Snapshot;
  readonly level: EvidenceLevel;
  readonly claims: readonly JudgedClaim[];
  readonly findings: readonly Finding[];
  readonly disagreements: readonly Disagreement[];
  /** RFC 3339; left out of reproducible reports. */
  readonly generatedAt?: string;
  readonly comparison?: Comparison;
  readonly experiments?: readonly ExperimentReport[];
  readonly attackPaths?: readonly ClaimPaths[];
}

/** How many of the worst things a first screen shows. */
export const WORST = 5;

/** Puts together what `verify` reports, worst first. */
export function verificationReport(parts: ReportParts): VerificationReport {
  const { snapshot, level, findings } = parts;
  const { source, kubernetesVersion, takenAt } = snapshot;
  const reproducible = parts.generatedAt === undefined;
  const claims = [...(reproducible ? parts.claims.map(claimWithoutTimes) : parts.claims)].sort(worstClaimFirst);
  const disagreements = parts.disagreements.map((one) =>
    reproducible ? { ...one, stronger: withoutTime(one.stronger), weaker: withoutTime(one.weaker) } : one,
  );
  return {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'VerificationReport',
    source: {
      ...source,
      ...(kubernetesVersion ? { kubernetesVersion: formatKubernetesVersion(kubernetesVersion) } : {}),
      ...(takenAt === undefined || reproducible ? {} : { takenAt }),
    },
    ...(parts.generatedAt === undefined ? {} : { generatedAt: parts.generatedAt }),
    level,
    summary: summarise(claims, findings, snapshot),
    claims,
    findings,
    disagreements,
    coverage: snapshot.coverage,
    ...(parts.comparison ? { comparison: parts.comparison } : {}),
    ...(parts.experiments ? { experiments: parts.experiments } : {}),
    ...(parts.attackPaths && parts.attackPaths.length > 0 ? { attackPaths: parts.attackPaths } : {}),
  };
}

/** A claim that says the same in every report of the same state. */
function claimWithoutTimes({ evidence, ...claim }: JudgedClaim): JudgedClaim {
  return { ...withoutTime(claim), evidence: evidence.map(withoutTime) };
}

function withoutTime<T extends { readonly observedAt?: string }>({
  observedAt: _at,
  ...rest
}: T): Omit<T, 'observedAt'> {
  return rest;
}

/** Findings that fail and that nobody has accepted. */
export function openFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ verdict, accepted }) => verdict === 'fail' && accepted === undefined);
}

function summarise(claims: readonly JudgedClaim[], findings: readonly Finding[], snapshot: Snapshot): ReportSummary {
  const open = openFindings(findings);
  const count = (severity: Severity): number => open.filter((finding) => finding.severity === severity).length;
  const byVerdict = (verdict: JudgedClaim['verdict']): number =>
    claims.filter((claim) => claim.verdict === verdict).length;
  const unknownFindings = findings.filter(({ verdict }) => verdict === 'unknown').length;
  return {
    claims: { violated: byVerdict('violated'), unknown: byVerdict('unknown'), holds: byVerdict('holds') },
    findings: { critical: count('critical'), high: count('high'), medium: count('medium'), low: count('low') },
    accepted: findings.filter(({ accepted }) => accepted !== undefined).length,
    unknownFindings,
    complete:
      byVerdict('unknown') === 0 &&
      unknownFindings === 0 &&
      snapshot.coverage.gaps.every(({ reason }) => reason === 'withheld'),
    worst: worstThings(claims, open).slice(0, WORST),
  };
}

/** Violated claims and failing checks together, each check once with all its objects. */
export function worstThings(claims: readonly JudgedClaim[], open: readonly Finding[]): readonly WorstThing[] {
  const violated = claims
    .filter(({ verdict }) => verdict === 'violated')
    .map((claim): WorstThing => ({
      kind: 'claim',
      id: claim.claim,
      severity: claim.severity,
      says: `not true: ${claim.statement}`,
      objects: [],
      because: claim.because[0]?.says ?? '',
    }));
  return [...violated, ...worstChecks(open)].sort(worstThingFirst);
}

/** Failing checks, each once with all its objects. */
export function worstChecks(open: readonly Failure[]): readonly WorstThing[] {
  const byCheck = [...Map.groupBy(open, ({ check }) => check)];
  return byCheck
    .flatMap(([check, failures]): readonly WorstThing[] => {
      const first = [...failures].sort(bySeverity)[0];
      if (!first) return [];
      const at = positionOf(first);
      return [
        {
          kind: 'check',
          id: check,
          severity: first.severity,
          says: first.message,
          objects: [...new Set([first, ...failures].map(aboutOf))],
          because: first.because[0]?.says ?? '',
          ...(at === undefined ? {} : { at: formatPosition(at) }),
        },
      ];
    })
    .sort(worstThingFirst);
}

/** What a failing check says, as a finding or as a result of the check itself. */
type Failure = Pick<Finding, 'check' | 'severity' | 'object' | 'container' | 'file' | 'line' | 'message' | 'because'>;

function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** By severity; among equals claims first, and a hole before what is only not hardened. */
function worstThingFirst(a: WorstThing, b: WorstThing): number {
  return (
    bySeverity(a, b) ||
    Number(a.kind === 'check') - Number(b.kind === 'check') ||
    Number(isHardening(a.id)) - Number(isHardening(b.id))
  );
}

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

const VERDICT_ORDER: readonly JudgedClaim['verdict'][] = ['violated', 'unknown', 'holds'];

function worstClaimFirst(a: JudgedClaim, b: JudgedClaim): number {
  return (
    VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) ||
    bySeverity(a, b) ||
    Number(a.derived) - Number(b.derived) ||
    (a.claim < b.claim ? -1 : a.claim > b.claim ? 1 : 0)
  );
}
