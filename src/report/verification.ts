import type { Disagreement, JudgedClaim } from '../claims/types.ts';
import { SEVERITIES, type EvidenceLevel, type Severity } from '../model/because.ts';
import { formatRef } from '../model/object.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { formatKubernetesVersion } from '../model/version.ts';
import type { Comparison, ExperimentReport, Finding, ReportSummary, VerificationReport, WorstThing } from './types.ts';

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
}

/** How many of the worst things a first screen shows. */
const WORST = 5;

/** Puts together what `verify` reports, worst first. */
export function verificationReport(parts: ReportParts): VerificationReport {
  const { snapshot, level, findings, disagreements } = parts;
  const { source, kubernetesVersion, takenAt } = snapshot;
  const claims = [...parts.claims].sort(worstClaimFirst);
  return {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'VerificationReport',
    source: {
      ...source,
      ...(kubernetesVersion ? { kubernetesVersion: formatKubernetesVersion(kubernetesVersion) } : {}),
      ...(takenAt === undefined ? {} : { takenAt }),
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
  };
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
  const byCheck = new Map<string, Finding[]>();
  for (const finding of open) byCheck.set(finding.check, [...(byCheck.get(finding.check) ?? []), finding]);
  const checks = [...byCheck].map(([check, [first, ...more]]): WorstThing => {
    const all = first ? [first, ...more] : more;
    const objects = [...new Set(all.map(whereOf))];
    return {
      kind: 'check',
      id: check,
      severity: first?.severity ?? 'low',
      says: first?.message ?? '',
      objects,
      because: first?.because[0]?.says ?? '',
    };
  });
  return [...violated, ...checks].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      Number(a.kind === 'check') - Number(b.kind === 'check'),
  );
}

/** The object of a finding in words, or its place. */
export function whereOf({ object, container, file, line }: Finding): string {
  if (object) return `${formatRef(object)}${container === undefined ? '' : ` (${container})`}`;
  return file === undefined ? 'the cluster' : `${file}${line === undefined ? '' : `:${line}`}`;
}

const VERDICT_ORDER: readonly JudgedClaim['verdict'][] = ['violated', 'unknown', 'holds'];

function worstClaimFirst(a: JudgedClaim, b: JudgedClaim): number {
  return (
    VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    Number(a.derived) - Number(b.derived) ||
    (a.claim < b.claim ? -1 : a.claim > b.claim ? 1 : 0)
  );
}
