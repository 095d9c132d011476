import type { ReportFormat, Result } from '../report.ts';
import { signOf } from '../wording.ts';
import { cellsOf } from './cells.ts';

/** A comment on a pull request or a page of a wiki. */
export const markdown: ReportFormat = {
  id: 'markdown',
  title: 'Pull requests and wikis',
  render({ command, source, headline, results, coverage, markdown: more }) {
    const groups = (['claims', 'findings'] as const).map((group) => results.filter((one) => one.group === group));
    const [claims = [], findings = []] = groups;
    const gaps = coverage.gaps.map(({ detail, remedy }) => `- ${escapeMarkdown(`${detail}. ${remedy}`)}\n`);
    return [
      `# seaworthy ${command}: ${escapeMarkdown(source)}\n\n${escapeMarkdown(headline)}\n`,
      ...(claims.length === 0 ? [] : [`## Claims\n\n${tableOf(claims)}`]),
      ...(more === undefined ? [] : [more]),
      ...(findings.length === 0 ? [] : [`## Findings\n\n${tableOf(findings)}`]),
      ...(gaps.length === 0 ? [] : [`## Not read\n\n${[...new Set(gaps)].join('')}`]),
    ].join('\n');
  },
};

function tableOf(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { verdict, severity, rule, about, at, message, because, accepted } = cellsOf(result);
    const reason = [accepted, because].find((text) => text !== '') ?? '';
    return [`${signOf(result)} ${verdict}`, severity, rule, at === '' ? about : `${about} (${at})`, message, reason];
  });
  return formatMarkdown(['verdict', 'severity', 'rule', 'about', 'says', 'because'], rows);
}

/** A table of GitHub's Markdown; every cell is shown as it is written. */
export function formatMarkdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return `| ${heading.join(' | ')} |\n|${'---|'.repeat(heading.length)}\n${markdownRows(rows)}`;
}

/** Rows alone, for a list that is written part by part. */
export function markdownRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.map(escapeMarkdown).join(' | ')} |\n`).join('');
}

/** Text in which Markdown sees nothing but text: no mark-up, no HTML, no mention of a person, no end of a cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#!]/g, (found) => `\\${found}`)
    .replaceAll('@', '&#64;')
    .replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
