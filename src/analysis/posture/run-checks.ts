import { compareSeverity } from '../../model/because.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { compare } from '../../model/order.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { didYouMean } from '../../model/suggest.ts';
import type { LevelAndVersion } from '../admission/pod-security/namespace-policy.ts';
import { CHECKS } from './checks/index.ts';
import { createContext } from './context.ts';
import { POD_SECURITY_CHECKS, podSecurityResults } from './pod-security.ts';
import { subjectOrder } from './subjects.ts';
import { applySuppressions, type Suppression } from './suppressions.ts';
import type { CheckResult, CheckVerdict } from './types.ts';

/** Which checks run, and what is kept of their results. */
export interface RunOptions {
  /** Ids of the checks to run; all of the catalogue when absent. */
  readonly only?: readonly string[];
  /** Keep results that pass or don't apply. With `podSecurity` they are always kept. */
  readonly showPassed?: boolean;
  /** Run the controls of this level and version instead of the catalogue. */
  readonly podSecurity?: LevelAndVersion;
  /** Count what the LimitRanges of a namespace fill in as if it were written. */
  readonly namespaceDefaults?: boolean;
  /** The day suppressions are judged on, `2026-11-21`; without it none is in force. */
  readonly today?: string;
}

/** What the checks found. */
export interface CheckRun {
  /** Worst first; stable for the same input. */
  readonly results: readonly CheckResult[];
  readonly suppressions: readonly Suppression[];
  /** Results of every verdict, those left out of `results` included. */
  readonly counts: Readonly<Record<CheckVerdict, number>>;
  /** Ids of the checks that ran, in the order of the catalogue. */
  readonly ran: readonly string[];
}

/** Every id `only` may name. */
export const CHECK_IDS: readonly string[] = [...CHECKS.map((check) => check.id), ...POD_SECURITY_CHECKS];

/** Runs posture checks over a snapshot. Throws SW_UNKNOWN_CHECK for an id that is none. */
export function runChecks(snapshot: Snapshot, options: RunOptions = {}): CheckRun {
  const { only, podSecurity } = options;
  const unknown = only?.find((id) => !CHECK_IDS.includes(id));
  if (unknown !== undefined) {
    throw new SeaworthyError('SW_UNKNOWN_CHECK', `there is no check ${unknown}`, {
      hint: didYouMean(unknown, CHECK_IDS) ?? 'docs/checks has a page for every check.',
    });
  }
  const wanted = (id: string): boolean => only === undefined || only.includes(id);
  const context = createContext(snapshot, { namespaceDefaults: options.namespaceDefaults ?? false });
  const level = podSecurity ?? { level: 'restricted', minor: context.minor };
  const checks = podSecurity ? [] : CHECKS.filter((check) => wanted(check.id));
  const controls =
    podSecurity || only?.some((id) => POD_SECURITY_CHECKS.includes(id)) ? [...podSecurityResults(context, level)] : [];

  const all = [...checks.flatMap((check) => [...check.evaluate(context)]), ...controls.filter((r) => wanted(r.check))];
  const keepAll = options.showPassed === true || podSecurity !== undefined;
  const kept = all.filter(({ verdict }) => keepAll || verdict === 'fail' || verdict === 'unknown').sort(worstFirst);
  const known = new Set(CHECK_IDS);
  const { results, suppressions } = applySuppressions(snapshot, kept, known, options.today ?? '9999-12-31');
  const ran = [...checks.map((check) => check.id), ...new Set(controls.map((r) => r.check).filter(wanted))];
  return { results, suppressions, counts: countVerdicts(all), ran };
}

const VERDICT_ORDER: readonly CheckVerdict[] = ['fail', 'unknown', 'pass', 'notApplicable'];

function countVerdicts(results: readonly CheckResult[]): Readonly<Record<CheckVerdict, number>> {
  const counts = { fail: 0, unknown: 0, pass: 0, notApplicable: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}

function worstFirst(a: CheckResult, b: CheckResult): number {
  return (
    VERDICT_ORDER.indexOf(a.verdict) - VERDICT_ORDER.indexOf(b.verdict) ||
    compareSeverity(a.severity, b.severity) ||
    compare(a.check, b.check) ||
    subjectOrder(a, b) ||
    compare(a.container ?? '', b.container ?? '') ||
    compare(a.path ?? '', b.path ?? '')
  );
}
