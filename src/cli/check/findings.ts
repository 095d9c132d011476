import type { Command } from 'commander';
import { CHECKS } from '../../analysis/posture/checks/index.ts';
import type { CheckRun } from '../../analysis/posture/run-checks.ts';
import { POD_SECURITY_CHECKS } from '../../analysis/posture/pod-security.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { collectFindings } from '../../report/findings.ts';
import { toJunit } from '../../report/formats/junit.ts';
import { toSarif, type RuleText } from '../../report/formats/sarif.ts';
import { toCsv, toMarkdown } from '../../report/formats/tables.ts';
import type { OutputFormat } from '../output.ts';
import { openFailures } from './document.ts';

/** The results of checks in a format of pipelines; undefined for a format that is none. */
export function findingsIn(
  format: OutputFormat,
  snapshot: Snapshot,
  run: CheckRun,
  program: Command,
): string | undefined {
  if (!['sarif', 'junit', 'markdown', 'csv'].includes(format)) return undefined;
  const { results: checks, suppressions } = run;
  const findings = collectFindings({
    snapshot,
    checks,
    suppressions,
    policyProblems: [],
    accessFindings: [],
    disagreements: [],
  });
  switch (format) {
    case 'sarif':
      return `${JSON.stringify(toSarif(findings, rules(), program.version() ?? ''), null, 2)}\n`;
    case 'junit':
      return toJunit(findings, run.ran);
    case 'csv':
      return toCsv(findings);
    default:
      return toMarkdown(findings, `**${openFailures(checks).length} findings** on ${snapshot.source.description}`);
  }
}

function rules(): readonly RuleText[] {
  return [
    ...CHECKS.map(({ id, title, severity, frameworks }) => ({
      id,
      title,
      severity,
      tags: [
        ...(frameworks.attack ?? []),
        ...(frameworks.owasp ?? []),
        ...(frameworks.cis ?? []).map((n) => `CIS-${n}`),
      ],
    })),
    ...POD_SECURITY_CHECKS.map((id) => ({
      id,
      title: `Pod Security control ${id}`,
      severity: 'high' as const,
      tags: ['PSS'],
    })),
  ];
}
