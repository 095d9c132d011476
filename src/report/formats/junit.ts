import { formatPosition } from '../../model/errors.ts';
import type { ReportFormat, Result } from '../report.ts';
import { formatAcceptance } from '../wording.ts';

/**
 * A suite for each rule that was applied, a case for each result. What could not be judged is an error, never a pass;
 * what is accepted or does not apply is skipped, with its reason.
 */
export const junit: ReportFormat = {
  id: 'junit',
  title: 'Test reports of CI systems',
  render({ command, results, ran }) {
    const all = results.flatMap(withUnjudged);
    const byRule = Map.groupBy(all, ({ rule }) => rule);
    const suites = [...new Set([...ran, ...byRule.keys()])].map((rule) => suite(rule, byRule.get(rule) ?? []));
    const open = `<testsuites name=${attribute(`seaworthy ${command}`)} ${countsOf(all)}>`;
    return `<?xml version="1.0" encoding="UTF-8"?>\n${open}\n${suites.join('')}</testsuites>\n`;
  },
};

/** A document that could not be read is a case of every suite that would have looked at it: none of them passed. */
function withUnjudged(result: Result): readonly Result[] {
  const { unjudged = [] } = result;
  return [result, ...unjudged.map((rule): Result => ({ ...result, rule, verdict: 'unknown', unjudged: [] }))];
}

function suite(rule: string, results: readonly Result[]): string {
  const cases = results.map(caseOf).join('');
  return `  <testsuite name=${attribute(rule)} ${countsOf(results)} skipped="${results.filter(isSkipped).length}">\n${cases}  </testsuite>\n`;
}

function countsOf(results: readonly Result[]): string {
  const judged = results.filter((result) => !isSkipped(result));
  const count = (verdict: Result['verdict']): number => judged.filter((result) => result.verdict === verdict).length;
  return `tests="${results.length}" failures="${count('fail')}" errors="${count('unknown')}"`;
}

function isSkipped({ accepted, verdict }: Result): boolean {
  return accepted !== undefined || verdict === 'notApplicable';
}

function caseOf(result: Result): string {
  const { rule, about, path } = result;
  const name = path === undefined ? about : `${about} ${path}`;
  const body = bodyOf(result);
  const open = `    <testcase classname=${attribute(rule)} name=${attribute(name)}`;
  return body === '' ? `${open}/>\n` : `${open}>${body}</testcase>\n`;
}

function bodyOf({ verdict, severity, message, accepted, because, at }: Result): string {
  if (accepted) return `<skipped message=${attribute(formatAcceptance(accepted))}/>`;
  if (verdict === 'notApplicable') return `<skipped message=${attribute(message)}/>`;
  if (verdict === 'pass') return '';
  const element = verdict === 'unknown' ? 'error' : 'failure';
  const lines = [...(at === undefined ? [] : [formatPosition(at)]), ...because.map(({ says }) => says)];
  const text = escapeXml(lines.join('\n'));
  return `<${element} type=${attribute(severity)} message=${attribute(message)}>${text}</${element}>`;
}

function attribute(text: string): string {
  return `"${escapeXml(text).replaceAll('\n', '&#10;')}"`;
}

/** Escaped; characters that XML 1.0 can't hold, however they are written, become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
