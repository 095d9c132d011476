import { formatPosition } from '../../model/errors.ts';
import { openFailures, type CheckReport } from '../check-report.ts';
import type { RenderOptions, Result, Section } from '../report.ts';
import { plural } from '../wording.ts';
import { worstChecks } from '../worst-things.ts';
import { breakable } from '../html/escape.ts';
import { findingsSection } from './findings.ts';
import { coverageSection, nextSection, worstSection } from '../html/parts.ts';

/** The page of `check`. */
export function checkPage(
  report: CheckReport,
  results: readonly Result[],
  { calledAs, invocation }: RenderOptions,
): { readonly lead: string; readonly sections: readonly Section[] } {
  const open = openFailures(report.results);
  const broken = report.findings.map(({ message, at }) => `${at ? `${formatPosition(at)}: ` : ''}${message}`);
  const [first] = open;
  return {
    lead: lead(report),
    sections: [
      worstSection(worstChecks(open).slice(0, 5)),
      findingsSection(results, calledAs),
      coverageSection(report.coverage, broken),
      nextSection([
        ...(first
          ? [{ command: `${calledAs} explain ${first.check}`, why: 'What the worst means and how to fix it.' }]
          : []),
        {
          command: `${calledAs} ${invocation.replace(/^check/, 'verify')}`,
          why: 'Judge what the configuration promises, too.',
        },
      ]),
    ],
  };
}

function lead({ source, summary }: CheckReport): string {
  const { fail, accepted, unknown, pass, checks, bySeverity } = summary;
  const { critical, high, medium, low } = bySeverity;
  return `<p class="product">Seaworthy · checks</p><h1>${breakable(source)}</h1><p class="verdict">${fail === 0 ? 'Nothing fails' : plural(fail, 'finding')}${unknown > 0 ? `, and ${unknown} could not be judged` : ''}.</p>
<ul class="tiles"><li class="tile violated"><b>✗ ${fail}</b>fail</li><li class="tile unknown"><b>? ${unknown}</b>unknown</li><li class="tile holds"><b>✓ ${pass}</b>pass</li></ul>
<p>${critical} critical, ${high} high, ${medium} medium, ${low} low${accepted > 0 ? `; ${accepted} accepted` : ''}. ${plural(checks, 'check')} ran.</p>`;
}
