import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Finding } from '../types.ts';

const COLUMNS = ['verdict', 'severity', 'check', 'object', 'container', 'at', 'field', 'message', 'accepted'] as const;

function rowOf(finding: Finding): readonly string[] {
  const { verdict, severity, check, object, container, file, line, path, message, accepted } = finding;
  return [
    accepted ? 'accepted' : verdict,
    severity,
    check,
    object ? formatRef(object) : '',
    container ?? '',
    file === undefined ? '' : formatPosition({ file, ...(line === undefined ? {} : { line }) }),
    path ?? '',
    message,
    accepted ? `${accepted.reason} (until ${accepted.until})` : '',
  ];
}

/** Findings as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is quoted as text. */
export function toCsv(findings: readonly Finding[]): string {
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [COLUMNS, ...findings.map(rowOf)].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Findings as a Markdown table, for a comment on a pull request. */
export function toMarkdown(findings: readonly Finding[], headline: string): string {
  const cell = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
  const rows = findings.map((finding) => {
    const [verdict = '', severity = '', check = '', object = '', container = '', at = '', , message = ''] =
      rowOf(finding).map(cell);
    return `| ${verdict} | ${severity} | \`${check}\` | ${object}${container === '' ? '' : ` [${container}]`} | ${at} | ${message} |\n`;
  });
  const table =
    rows.length === 0
      ? ''
      : `\n| | severity | check | object | at | finding |\n|---|---|---|---|---|---|\n${rows.join('')}`;
  return `${headline.trim()}\n${table}`;
}
