import type { ReportFormat } from '../report.ts';
import { cellsOf, COLUMNS } from './cells.ts';

/** One row for every result. */
export const csv: ReportFormat = {
  id: 'csv',
  title: 'Spreadsheets',
  render({ results }) {
    const rows = results.map(cellsOf).map((cells) => COLUMNS.map((column) => cells[column]));
    return formatCsv(COLUMNS, rows);
  },
};

/** Rows of CSV under a heading, as RFC 4180 has it, and nothing a spreadsheet would take for a formula. */
export function formatCsv(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return csvRows([heading, ...rows]);
}

/** Rows alone, for a list that is written part by part. */
export function csvRows(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
