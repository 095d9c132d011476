import { dump } from 'js-yaml';
import type { ReportFormat } from '../report.ts';

/** The same document as in JSON. */
export const yaml: ReportFormat = {
  id: 'yaml',
  title: 'Programs, and people who read documents',
  render: ({ document }) => formatYaml(document),
};

/** A document as YAML; through JSON first, so that undefined fields are absent as they are there. */
export function formatYaml(document: unknown): string {
  return dump(JSON.parse(JSON.stringify(document)), { noRefs: true, lineWidth: -1 });
}
