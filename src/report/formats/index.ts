import type { FormatId, RenderOptions, Report, ReportFormat } from '../report.ts';
import { csv } from './csv.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { name } from './name.ts';
import { policyReport } from './policy-report.ts';
import { sarif } from './sarif.ts';
import { table } from './table.ts';
import { wide } from './wide.ts';
import { yaml } from './yaml.ts';

/** Every format of a report; the first is the default. A new one is a file and a line here. */
export const FORMATS: readonly ReportFormat[] = [
  table,
  wide,
  json,
  yaml,
  name,
  sarif,
  junit,
  markdown,
  html,
  csv,
  policyReport,
];

/** A report as text in one of the formats. */
export function formatReport(report: Report, format: FormatId, options: RenderOptions): string {
  const found = FORMATS.find(({ id }) => id === format) ?? table;
  return found.render(report, options);
}
