import type { CheckRun } from '../analysis/posture/run-checks.ts';
import type { CheckResult } from '../analysis/posture/types.ts';
import { API_VERSION } from '../model/api-version.ts';
import { isAtLeast, type Severity } from '../model/because.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What `check -o json` prints. */
export interface CheckReport extends Omit<CheckRun, 'ran' | 'counts'> {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'CheckReport';
  readonly source: string;
  readonly findings: Snapshot['findings'];
  readonly coverage: Snapshot['coverage'];
  readonly summary: CheckSummary;
}

/** How many results of each verdict there are. */
export interface CheckSummary {
  readonly checks: number;
  /** Failures nobody has accepted. */
  readonly fail: number;
  readonly accepted: number;
  readonly unknown: number;
  readonly pass: number;
  readonly notApplicable: number;
  /** Failures nobody has accepted, by severity. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
}

/** The document `check` prints. */
export function checkReport(snapshot: Snapshot, run: CheckRun): CheckReport {
  const { results, suppressions } = run;
  return {
    apiVersion: API_VERSION,
    kind: 'CheckReport',
    source: snapshot.source.description,
    summary: summarise(run),
    results,
    suppressions,
    findings: snapshot.findings,
    coverage: snapshot.coverage,
  };
}

function summarise({ ran, counts, results }: CheckRun): CheckSummary {
  const failing = openFailures(results);
  const accepted = counts.fail - failing.length;
  const bySeverity = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity } of failing) bySeverity[severity]++;
  return { checks: ran.length, ...counts, fail: failing.length, accepted, bySeverity };
}

/** Failures that no suppression accepts. */
export function openFailures(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.filter((result) => result.verdict === 'fail' && result.accepted === undefined);
}

/** Whether something at least this severe fails and is not accepted. */
export function reaches(results: readonly CheckResult[], threshold: Severity): boolean {
  return openFailures(results).some(({ severity }) => isAtLeast(severity, threshold));
}
