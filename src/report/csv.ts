import type { ReportFormat } from './format.ts';
import { whereOf } from './verification.ts';

const COLUMNS = [
  'type',
  'id',
  'verdict',
  'severity',
  'level',
  'check',
  'object',
  'file',
  'line',
  'says',
  'because',
] as const;

/** One row for every claim and finding. */
export const csv: ReportFormat = {
  id: 'csv',
  title: 'Spreadsheets',
  render({ claims, findings }) {
    const rows = [
      COLUMNS,
      ...claims.map(({ claim, verdict, severity, level, kind, statement, because }) => [
        'claim',
        claim,
        verdict,
        severity,
        level,
        kind,
        '',
        '',
        '',
        statement,
        because[0]?.says ?? '',
      ]),
      ...findings.map((finding) => {
        const { id, verdict, accepted, severity, check, file, line, message, because } = finding;
        const word = accepted ? 'accepted' : verdict;
        return [
          'finding',
          id,
          word,
          severity,
          'analysed',
          check,
          whereOf(finding),
          file ?? '',
          String(line ?? ''),
          message,
          because[0]?.says ?? '',
        ];
      }),
    ];
    return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
  },
};

/** RFC 4180, and nothing a spreadsheet would take for a formula. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
