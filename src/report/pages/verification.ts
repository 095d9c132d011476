import type { RenderOptions, Section } from '../report.ts';
import { resultOfFinding } from '../results.ts';
import type { Comparison, ReachMatrix, VerificationReport } from '../types.ts';
import { LEVEL_SAYS, plural } from '../wording.ts';
import { openFindings } from '../worst-things.ts';
import { attackPathsSection } from './attack-paths.ts';
import { claimsSection } from './claims.ts';
import { breakable, escapeHtml as e } from '../html/escape.ts';
import { experimentsSection } from './experiments.ts';
import { findingsSection } from './findings.ts';
import { anchor, coverageSection, nextSection, timeOf, worstSection } from '../html/parts.ts';
import { reachabilitySection } from '../reach/section.ts';

/** The page of `verify`: verdicts first, then what was proven, what was found, what is missing and what to do. */
export function verificationPage(
  report: VerificationReport,
  options: RenderOptions,
  matrix: ReachMatrix | undefined,
): { readonly lead: string; readonly sections: readonly Section[] } {
  const { claims, findings, summary, comparison, experiments = [], attackPaths = [], coverage } = report;
  return {
    lead: lead(report),
    sections: [
      worstSection(summary.worst),
      claimsSection(claims),
      ...(attackPaths.length > 0 ? [attackPathsSection(attackPaths, claims)] : []),
      ...(comparison ? [comparisonSection(comparison)] : []),
      ...(experiments.length > 0 ? [experimentsSection(experiments)] : []),
      findingsSection(findings.map(resultOfFinding), options.calledAs),
      ...(matrix ? [reachabilitySection(matrix)] : []),
      coverageSection(coverage),
      nextSection(nextSteps(report, options)),
    ],
  };
}

function lead({ source, summary, level, generatedAt, disagreements }: VerificationReport): string {
  const { violated, unknown, holds } = summary.claims;
  const total = violated + unknown + holds;
  const { critical, high, medium, low } = summary.findings;
  const facts = [
    source.kubernetesVersion === undefined ? '' : `Kubernetes ${source.kubernetesVersion}`,
    source.takenAt === undefined ? '' : `read ${timeOf(source.takenAt)}`,
    generatedAt === undefined ? '' : `judged ${timeOf(generatedAt)}`,
  ].filter((text) => text !== '');
  const sentence =
    total === 0
      ? 'No belief was judged: none was given, and the configuration implies none.'
      : violated > 0
        ? `${violated} of ${plural(total, 'belief')} about this cluster ${violated === 1 ? 'is' : 'are'} not true.`
        : unknown > 0
          ? `Nothing is known to be false, but ${unknown} of ${plural(total, 'belief')} could not be decided.`
          : `All ${plural(total, 'belief')} about this cluster ${total === 1 ? 'is' : 'are'} true, as far as this evidence goes.`;
  const disagreed =
    disagreements.length === 0
      ? ''
      : `<p><b class="violated-text">✗ ${plural(disagreements.length, 'claim')} on which two levels of evidence contradict each other</b>: see <a href="#${anchor('check', 'evidence-disagreement')}">evidence-disagreement</a>.</p>`;
  return `<p class="product">Seaworthy · verification</p><h1>${breakable(source.description)}</h1><p class="verdict">${sentence}</p>
<ul class="tiles"><li class="tile violated"><b>✗ ${violated}</b>violated</li><li class="tile unknown"><b>? ${unknown}</b>unknown</li><li class="tile holds"><b>✓ ${holds}</b>${holds === 1 ? 'holds' : 'hold'}</li></ul>
<p>Findings: ${critical} critical, ${high} high, ${medium} medium, ${low} low${summary.accepted > 0 ? `, ${summary.accepted} accepted` : ''}${summary.unknownFindings > 0 ? `, <span class="unknown-text">${summary.unknownFindings} could not be judged</span>` : ''}.</p>${disagreed}
<p class="dim">Evidence up to level <b>${level}</b>: ${e(LEVEL_SAYS[level])}${facts.length === 0 ? '' : `<br>${e(facts.join(' · '))}`}</p>`;
}

function comparisonSection({ against, verdicts, connections, newFindings, fixedFindings }: Comparison): Section {
  const changed = verdicts.map(
    ({ claim, statement, before, after }) =>
      `<li><a href="#${anchor('claim', claim)}">${e(statement)}</a> ${before} → <b class="sign ${after}">${after}</b></li>`,
  );
  const edges = connections.map(
    ({ from, to, before, after, opens }) =>
      `<tr><td>${opens ? '<b class="violated-text">+ opens</b>' : '− closes'}</td><td>${e(from)} → ${e(to)}</td><td>${e(before ?? 'none')} → ${e(after ?? 'none')}</td></tr>`,
  );
  const table =
    edges.length === 0
      ? ''
      : `<table><caption>Connections</caption><thead><tr><th scope="col">Change</th><th scope="col">Connection</th><th scope="col">Ports</th></tr></thead><tbody>${edges.join('')}</tbody></table>`;
  return {
    id: 'comparison',
    heading: `Compared with ${against}`,
    nav: 'Changes',
    html: `<ul>${changed.join('')}<li>${plural(newFindings.length, 'new finding')}, ${fixedFindings.length} gone</li></ul>${table}`,
  };
}

function nextSteps(report: VerificationReport, { calledAs, invocation }: RenderOptions) {
  const { source, level, claims, findings } = report;
  const live = source.kind === 'cluster' || source.kind === 'lab';
  const [first] = openFindings(findings);
  return [
    ...(first
      ? [{ command: `${calledAs} explain ${first.check}`, why: 'What the worst finding means and how to fix it.' }]
      : []),
    ...(live && level === 'analysed'
      ? [{ command: `${calledAs} ${invocation} --level observed`, why: 'Look at the cluster itself, harmlessly.' }]
      : []),
    ...(live && level === 'observed'
      ? [
          {
            command: `${calledAs} ${invocation} --level proven --break-in NAMESPACE`,
            why: 'See whether the claims keep holding while things break.',
          },
        ]
      : []),
    ...(!live && level === 'analysed'
      ? [
          {
            command: `${calledAs} verify --level observed`,
            why: 'Ask the running cluster: files only say what was meant.',
          },
        ]
      : []),
    ...(claims.some(({ derived }) => derived)
      ? [
          {
            command: `${calledAs} claims derive ${invocation.replace(/^verify ?/, '')} -o yaml > claims.yaml`,
            why: 'Keep the beliefs the configuration implies, and write down your own.',
          },
        ]
      : []),
  ];
}
