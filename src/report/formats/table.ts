import type { ReportFormat } from '../report.ts';
import { safeForTerminal } from '../wording.ts';

/** The first screen: the verdicts, the five worst things, what could not be read, the next command to type. */
export const table: ReportFormat = {
  id: 'table',
  title: 'A person at a terminal',
  render: (report, options) => safeForTerminal(report.screen(options)),
};
