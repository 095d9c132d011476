import type { ReportFormat } from './format.ts';
import type { Finding } from './types.ts';
import { whereOf } from './verification.ts';

/** One test case for every claim and finding; unknown is an error, never a pass, and what is accepted is skipped. */
export const junit: ReportFormat = {
  id: 'junit',
  title: 'Test reports of CI systems',
  render({ claims, findings }) {
    const claimCases = claims.map(({ claim, kind, statement, verdict, because }) => {
      const reasons = because.map(({ says }) => says).join('\n');
      const body =
        verdict === 'violated'
          ? `<failure message="${xml(statement)}">${xml(reasons)}</failure>`
          : verdict === 'unknown'
            ? `<error message="${xml(`unknown: ${statement}`)}">${xml(reasons)}</error>`
            : '';
      return `    <testcase classname="claims.${xml(kind)}" name="${xml(`${claim}: ${statement}`)}">${body}</testcase>`;
    });
    const findingCases = findings.map(
      (finding) =>
        `    <testcase classname="${xml(finding.check)}" name="${xml(whereOf(finding))}">${outcome(finding)}</testcase>`,
    );
    const suites = [
      suite(
        'claims',
        claimCases,
        claims.filter(({ verdict }) => verdict === 'violated').length,
        claims.filter(({ verdict }) => verdict === 'unknown').length,
        0,
      ),
      suite(
        'findings',
        findingCases,
        findings.filter(({ verdict, accepted }) => verdict === 'fail' && !accepted).length,
        findings.filter(({ verdict, accepted }) => verdict === 'unknown' && !accepted).length,
        findings.filter(({ accepted }) => accepted).length,
      ),
    ];
    return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="seaworthy verify">\n${suites.join('\n')}\n</testsuites>\n`;
  },
};

function suite(name: string, cases: readonly string[], failures: number, errors: number, skipped: number): string {
  const open = `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">`;
  return [open, ...cases, '  </testsuite>'].join('\n');
}

function outcome({ accepted, verdict, severity, message, file, line, because }: Finding): string {
  if (accepted) return `<skipped message="${xml(`accepted until ${accepted.until}: ${accepted.reason}`)}"/>`;
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}\n`;
  const text = xml(place + because.map(({ says }) => says).join('\n'));
  return verdict === 'unknown'
    ? `<error message="${xml(message)}">${text}</error>`
    : `<failure type="${severity}" message="${xml(message)}">${text}</failure>`;
}

/** Escaped, and without the control characters XML 1.0 forbids. */
function xml(text: string): string {
  return Array.from(text)
    .filter((character) => character >= ' ' || character === '\n' || character === '\t')
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
