import { SEVERITIES, type Severity } from '../../model/because.ts';
import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { CheckResult } from '../../analysis/posture/types.ts';
import { formatTable, type Styles } from '../output.ts';
import { openFailures, type CheckReport } from './document.ts';

const WORDS: Readonly<Record<CheckResult['verdict'], string>> = {
  fail: 'FAIL',
  unknown: 'UNKNOWN',
  pass: 'pass',
  notApplicable: 'n/a',
};

/** The first screen: what fails, the five worst, what each check found, what could not be read, what to type next. */
export function formatScreen(report: CheckReport, styles: Styles, calledAs: string): string {
  return [
    headline(report, styles),
    worst(report, styles),
    byCheck(report),
    acceptedAndExpired(report),
    notRead(report),
    `Next: ${nextCommand(report, calledAs)}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Every result as a row. */
export function formatRows(results: readonly CheckResult[], styles: Styles): string {
  const rows = results.map((result) => [
    verdictWord(result, styles),
    result.severity,
    result.check,
    objectOf(result),
    placeOf(result),
    result.message,
  ]);
  return formatTable(['VERDICT', 'SEVERITY', 'CHECK', 'OBJECT', 'AT', 'MESSAGE'], rows);
}

function headline({ summary, source }: CheckReport, styles: Styles): string {
  const { bySeverity, fail, accepted, unknown, pass, checks } = summary;
  const severities = SEVERITIES.filter((s) => bySeverity[s] > 0).map((s) =>
    painted(s, `${bySeverity[s]} ${s}`, styles),
  );
  const found =
    fail === 0 ? styles.green('nothing fails') : `${fail} ${plural(fail, 'finding')}: ${severities.join(', ')}`;
  const rest = [
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    ...(unknown > 0 ? [styles.yellow(`${unknown} unknown`)] : []),
    `${pass} passed`,
  ];
  return `${found}; ${rest.join(', ')} (${checks} ${plural(checks, 'check')} on ${source})\n`;
}

/** One of each check first, so that fifty findings of one kind don't hide the next. */
function worst({ results }: CheckReport, styles: Styles): string {
  const failing = openFailures(results);
  const seen = new Set<string>();
  const first = failing.filter(({ check }) => !seen.has(check) && seen.add(check));
  const five = [...first, ...failing.filter((result) => !first.includes(result))].slice(0, 5);
  if (five.length === 0) return '';
  const lines = five.map((result) => {
    const at = placeOf(result);
    return (
      `  ${painted(result.severity, result.severity.toUpperCase().padEnd(8), styles)}  ${objectOf(result)}: ${result.message}\n` +
      `            ${result.check}${at === '' ? '' : `  ${styles.dim(at)}`}\n`
    );
  });
  return `${five.length < failing.length ? `The ${five.length} worst` : 'Findings'}\n${lines.join('')}`;
}

function byCheck({ results }: CheckReport): string {
  const found = new Map<string, { severity: Severity; fail: number; unknown: number; objects: Set<string> }>();
  for (const result of results.filter((r) => r.verdict === 'unknown' || (r.verdict === 'fail' && !r.accepted))) {
    const row = found.get(result.check) ?? { severity: result.severity, fail: 0, unknown: 0, objects: new Set() };
    row[result.verdict === 'fail' ? 'fail' : 'unknown']++;
    if (result.verdict === 'fail') row.objects.add(formatRef(result.object));
    found.set(result.check, row);
  }
  if (found.size === 0) return '';
  const rows = [...found].map(([check, { severity, fail, unknown, objects }]) => [
    severity,
    check,
    String(fail),
    unknown === 0 ? '' : String(unknown),
    objects.size <= 2 ? [...objects].join(', ') : `${[...objects][0]} and ${objects.size - 1} more`,
  ]);
  return formatTable(['SEVERITY', 'CHECK', 'FAIL', 'UNKNOWN', 'OBJECTS'], rows);
}

function acceptedAndExpired({ suppressions }: CheckReport): string {
  const lines = suppressions.map(
    ({ status, check, object, says }) =>
      `  ${status === 'inForce' ? 'accepted' : status}  ${formatRef(object)} ${check}: ${says}\n`,
  );
  return lines.length === 0 ? '' : `Suppressions\n${lines.join('')}`;
}

function notRead({ coverage, findings }: CheckReport): string {
  const lines = [
    ...findings.map(({ message, at }) => `  ${at ? `${formatPosition(at)}: ` : ''}${message}\n`),
    ...coverage.gaps.map(({ detail, remedy }) => `  ${detail}. ${remedy}\n`),
  ];
  const unique = [...new Set(lines)];
  const more = unique.length > 8 ? `  and ${unique.length - 8} more; -o json lists them\n` : '';
  return unique.length === 0 ? '' : `Not read\n${unique.slice(0, 8).join('')}${more}`;
}

function nextCommand({ results }: CheckReport, calledAs: string): string {
  const [first] = openFailures(results);
  if (first) return `${calledAs} explain ${first.check}    (or the same command with -o wide for every finding)`;
  return `${calledAs} check --show-passed -o wide    for what was looked at`;
}

function verdictWord({ verdict, accepted }: CheckResult, styles: Styles): string {
  if (accepted) return 'accepted';
  const word = WORDS[verdict];
  if (verdict === 'fail') return styles.red(word);
  return verdict === 'unknown' ? styles.yellow(word) : verdict === 'pass' ? styles.green(word) : word;
}

function painted(severity: Severity, text: string, styles: Styles): string {
  if (severity === 'critical') return styles.bold(styles.red(text));
  return severity === 'high' ? styles.red(text) : severity === 'medium' ? styles.yellow(text) : text;
}

function objectOf({ object, container }: CheckResult): string {
  return `${formatRef(object)}${container === undefined ? '' : ` [${container}]`}`;
}

function placeOf({ file, line, path }: CheckResult): string {
  if (file === undefined) return path ?? '';
  return formatPosition({ file, ...(line === undefined ? {} : { line }) });
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
