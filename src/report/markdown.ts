import { formatPosition } from '../model/errors.ts';
import type { ReportFormat } from './format.ts';
import { whereOf } from './verification.ts';
import { VERDICT_SIGN } from './wording.ts';

/** A pull request comment or a wiki page. */
export const markdown: ReportFormat = {
  id: 'markdown',
  title: 'Pull requests and wikis',
  render({ source, summary, claims, findings, coverage, comparison }) {
    const { violated, unknown, holds } = summary.claims;
    const lines = [
      `# Verification of ${escape(source.description)}`,
      '',
      `**${violated} violated**, ${unknown} unknown, ${holds} hold. Findings: ${summary.findings.critical} critical, ${summary.findings.high} high, ${summary.findings.medium} medium, ${summary.findings.low} low.`,
      '',
      '## Claims',
      '',
      '| verdict | claim | level | because |',
      '|---|---|---|---|',
      ...claims.map(
        ({ verdict, statement, claim, level, because }) =>
          `| ${VERDICT_SIGN[verdict]} ${verdict} | ${escape(statement)}<br>\`${claim}\` | ${level} | ${escape(because[0]?.says ?? '')} |`,
      ),
    ];
    if (comparison) {
      lines.push('', `## Compared with ${escape(comparison.against)}`, '');
      lines.push(...comparison.verdicts.map(({ claim, before, after }) => `- \`${claim}\`: ${before} → ${after}`));
      lines.push(
        ...comparison.connections.map(
          ({ from, to, before, after, opens }) =>
            `- ${opens ? '**opens**' : 'closes'} \`${from}\` → \`${to}\`: ${before ?? 'none'} → ${after ?? 'none'}`,
        ),
      );
      lines.push(`- ${comparison.newFindings.length} new findings, ${comparison.fixedFindings.length} gone`);
    }
    if (findings.length > 0) {
      lines.push('', '## Findings', '', '| severity | check | object | what |', '|---|---|---|---|');
      lines.push(
        ...findings.map((finding) => {
          const { severity, check, verdict, accepted, file, line, message } = finding;
          const word = accepted ? 'accepted' : verdict === 'unknown' ? '? unknown' : severity;
          const at =
            file === undefined ? '' : `<br>\`${formatPosition({ file, ...(line === undefined ? {} : { line }) })}\``;
          return `| ${word} | ${check} | ${escape(whereOf(finding))}${at} | ${escape(message)} |`;
        }),
      );
    }
    if (coverage.gaps.length > 0) {
      lines.push(
        '',
        '## Not read',
        '',
        ...coverage.gaps.map(({ detail, remedy }) => `- ${escape(detail)}. ${escape(remedy)}`),
      );
    }
    return `${lines.join('\n')}\n`;
  },
};

function escape(text: string): string {
  return text
    .replaceAll(/[|<>&\\`*_[\]]/g, (found) =>
      found === '<' ? '&lt;' : found === '>' ? '&gt;' : found === '&' ? '&amp;' : `\\${found}`,
    )
    .replaceAll('\n', ' ');
}
