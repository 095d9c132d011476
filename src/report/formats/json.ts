import type { ReportFormat } from '../report.ts';

/** The whole document, as the interfaces of the command line have it. */
export const json: ReportFormat = {
  id: 'json',
  title: 'Programs',
  render: ({ document }) => formatJson(document),
};

/** Exactly one JSON document. */
export function formatJson(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
