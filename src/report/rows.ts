import { formatCsv } from './formats/csv.ts';
import { formatMarkdown } from './formats/markdown.ts';
import { formatTable } from './text-table.ts';

/** Rows in one of the formats made of rows; a table for any other. */
export function formatRows(format: string, heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (format === 'csv') return formatCsv(heading, rows);
  if (format === 'markdown') return formatMarkdown(heading, rows);
  return formatTable(
    heading.map((name) => name.toUpperCase()),
    rows,
  );
}
