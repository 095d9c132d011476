import { htmlPage } from '../html/page.ts';
import type { ReportFormat } from '../report.ts';

/** One page that needs nothing but itself. */
export const html: ReportFormat = {
  id: 'html',
  title: 'A person with a browser',
  render: (report, options) => htmlPage({ ...report, ...report.page(options) }, options),
};
