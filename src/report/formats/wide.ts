import type { ReportFormat } from '../report.ts';
import { formatTable } from '../text-table.ts';
import { paintResult, paintSeverity, safeForTerminal } from '../wording.ts';
import { cellsOf } from './cells.ts';

/** Every result as a row of a table, whatever the width of the terminal. */
export const wide: ReportFormat = {
  id: 'wide',
  title: 'A person who wants to see everything',
  render({ results }, { paint }) {
    const rows = results.map((result) => {
      const { rule, about, level, at, message } = cellsOf(result);
      const { word, severity } = result;
      return [
        paintResult(result, word, paint),
        paintSeverity(severity, severity, paint),
        rule,
        about,
        level,
        at,
        message,
      ];
    });
    const headings = ['VERDICT', 'SEVERITY', 'RULE', 'ABOUT', 'LEVEL', 'AT', 'MESSAGE'];
    return safeForTerminal(formatTable(headings, rows));
  },
};
