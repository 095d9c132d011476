import type { Disagreement, JudgedClaim } from '../claims/types.ts';
import { API_VERSION } from '../model/api-version.ts';
import { compareSeverity, type EvidenceLevel, type Severity } from '../model/because.ts';
import { compare } from '../model/order.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { formatKubernetesVersion } from '../model/version.ts';
import type { ClaimPaths, Comparison, ExperimentReport, Finding, ReportSummary, VerificationReport } from './types.ts';
import { openFindings, WORST, worstThings } from './worst-things.ts';

/** What a verification is put together from. */
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
    apiVersion: API_VERSION,
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

const VERDICT_ORDER: readonly JudgedClaim['verdict'][] = ['violated', 'unknown', 'holds'];

function worstClaimFirst(a: JudgedClaim, b: JudgedClaim): number {
  return (
    VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) ||
    compareSeverity(a.severity, b.severity) ||
    Number(a.derived) - Number(b.derived) ||
    compare(a.claim, b.claim)
  );
}
