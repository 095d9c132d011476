import type { ReportFormat } from './format.ts';

/** The whole report, as documented in interfaces of the command line. */
export const json: ReportFormat = {
  id: 'json',
  title: 'Programs',
  render: (report) => `${JSON.stringify(report, null, 2)}\n`,
};
