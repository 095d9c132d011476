import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Finding } from '../types.ts';

/**
 * Findings as JUnit XML: a suite for each check that ran, a case for each finding, one passing case for a check that
 * found nothing. What is accepted is skipped with its reason; what could not be judged is an error, not a pass.
 */
export function toJunit(findings: readonly Finding[], ran: readonly string[]): string {
  const byCheck = Map.groupBy(findings, ({ check }) => check);
  const suites = [...new Set([...ran, ...byCheck.keys()])].map((check) => suite(check, byCheck.get(check) ?? []));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="seaworthy">\n${suites.join('')}</testsuites>\n`;
}

function suite(check: string, findings: readonly Finding[]): string {
  const open = findings.filter(({ accepted }) => accepted === undefined);
  const count = (verdict: Finding['verdict']): number => open.filter((finding) => finding.verdict === verdict).length;
  const cases =
    findings.length === 0
      ? [`    <testcase classname=${attribute(check)} name="nothing found"/>\n`]
      : findings.map(caseOf);
  const numbers = `tests="${cases.length}" failures="${count('fail')}" errors="${count('unknown')}" skipped="${findings.length - open.length}"`;
  return `  <testsuite name=${attribute(check)} ${numbers}>\n${cases.join('')}  </testsuite>\n`;
}

function caseOf(finding: Finding): string {
  const { check, object, container, file, line, message, severity, verdict, accepted } = finding;
  const name = [
    object ? formatRef(object) : (file ?? check),
    container === undefined ? '' : `[${container}]`,
    finding.path ?? '',
  ]
    .filter((part) => part !== '')
    .join(' ');
  const where = file === undefined ? '' : `\n${formatPosition({ file, ...(line === undefined ? {} : { line }) })}`;
  const element = verdict === 'unknown' ? 'error' : 'failure';
  const body = accepted
    ? `<skipped message=${attribute(`accepted until ${accepted.until}: ${accepted.reason}`)}/>`
    : `<${element} type=${attribute(severity)} message=${attribute(message)}>${escape(message + where)}</${element}>`;
  return `    <testcase classname=${attribute(check)} name=${attribute(name)}>${body}</testcase>\n`;
}

function attribute(text: string): string {
  return `"${escape(text).replaceAll('\n', '&#10;')}"`;
}

/** Control characters have no place in XML 1.0, however they are written. */
function escape(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
