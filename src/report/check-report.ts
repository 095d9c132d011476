import type { CheckRun } from '../analysis/posture/run-checks.ts';
import type { CheckResult } from '../analysis/posture/types.ts';
import { SEVERITIES, type Severity } from '../model/because.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { collectFindings } from './findings.ts';
import { checkPage } from './html/check.ts';
import type { Report } from './report.ts';
import { foldUnread, resultOfFinding, resultsOfChecks } from './results.ts';
import { checkScreen } from './screen/check.ts';
import { plural } from './wording.ts';

/** What `check -o json` prints. */
export interface CheckReport extends Omit<CheckRun, 'ran' | 'counts'> {
  readonly apiVersion: 'seaworthy.dev/v1alpha1';
  readonly kind: 'CheckReport';
  readonly source: string;
  readonly findings: Snapshot['findings'];
  readonly coverage: Snapshot['coverage'];
  readonly summary: CheckSummary;
}

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

export function checkReport(snapshot: Snapshot, run: CheckRun): CheckReport {
  const { results, suppressions } = run;
  return {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'CheckReport',
    source: snapshot.source.description,
    summary: summarise(run),
    results,
    suppressions,
    findings: snapshot.findings,
    coverage: snapshot.coverage,
  };
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
  const limit = SEVERITIES.indexOf(threshold);
  return openFailures(results).some(({ severity }) => SEVERITIES.indexOf(severity) <= limit);
}
