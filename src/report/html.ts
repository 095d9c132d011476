import { formatRef } from '../model/object.ts';
import type { Because } from '../model/because.ts';
import { formatPosition } from '../model/errors.ts';
import type { Evidence, JudgedClaim } from '../claims/types.ts';
import type { ReportFormat } from './format.ts';
import { experimentSection } from './html/experiments.ts';
import { escapeHtml as e } from './html/escape.ts';
import { MATRIX_SCRIPT } from './html/matrix-script.ts';
import { STYLE } from './html/style.ts';
import type { Finding, ReachMatrix, VerificationReport } from './types.ts';
import { whereOf } from './verification.ts';
import { LEVEL_SAYS, VERDICT_SIGN } from './wording.ts';

/** One self-contained page: no request leaves it, and it can be read without its script. */
export const html: ReportFormat = {
  id: 'html',
  title: 'A person with a browser',
  render(report, options) {
    const title = `Seaworthy: ${report.source.description}`;
    const matrix = options.reachability?.();
    return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${e(title)}</title><style>${STYLE}</style></head><body>
<a class="skip" href="#claims">Skip to the claims</a>
<header>${header(report)}</header>
<nav aria-label="Sections"><a href="#worst">Worst</a><a href="#claims">Claims</a><a href="#findings">Findings</a>${matrix ? '<a href="#reach">Reachability</a>' : ''}${report.experiments?.length ? '<a href="#experiments">Experiments</a>' : ''}<a href="#coverage">Not read</a></nav>
<main>${worst(report)}${claims(report)}${comparison(report)}${findings(report.findings)}${matrix ? reachability(matrix) : ''}${experimentSection(report.experiments ?? [])}${coverage(report)}</main>
${matrix ? `<script type="application/json" id="matrix-data">${embedded(matrix)}</script><script>${MATRIX_SCRIPT}</script>` : ''}
</body></html>
`;
  },
};

function header({ source, summary, level, generatedAt }: VerificationReport): string {
  const { violated, unknown, holds } = summary.claims;
  const tile = (kind: string, sign: string, count: number, word: string): string =>
    `<li class="tile ${kind}"><b>${sign} ${count}</b> ${word}</li>`;
  const { critical, high, medium, low } = summary.findings;
  const facts = [
    source.kubernetesVersion && `Kubernetes ${source.kubernetesVersion}`,
    source.takenAt && `read ${source.takenAt}`,
    generatedAt && `judged ${generatedAt}`,
  ]
    .filter(Boolean)
    .join(' · ');
  return `<h1>${e(source.description)}</h1><p class="dim">Evidence up to level <b>${level}</b>: ${e(LEVEL_SAYS[level])}${facts === '' ? '' : `<br>${e(facts)}`}</p>
<ul class="tiles">${tile('violated', '✗', violated, 'violated')}${tile('unknown', '?', unknown, 'unknown')}${tile('holds', '✓', holds, holds === 1 ? 'holds' : 'hold')}</ul>
<p>Findings: ${critical} critical, ${high} high, ${medium} medium, ${low} low${summary.accepted > 0 ? `, ${summary.accepted} accepted` : ''}${summary.unknownFindings > 0 ? `, <span class="unknown-text">${summary.unknownFindings} could not be judged</span>` : ''}.</p>`;
}

function worst({ summary }: VerificationReport): string {
  if (summary.worst.length === 0)
    return '<section id="worst"><h2>Worst first</h2><p>Nothing is violated and no check fails.</p></section>';
  const items = summary.worst.map(({ severity, id, kind, says, objects }) => {
    const where = objects.length > 1 ? ` (and ${objects.length - 1} more)` : '';
    return `<li><span class="sev ${severity}">${severity}</span> <b>${e(says)}</b><br><span class="dim">${kind} <code>${e(id)}</code>${objects[0] ? ` · ${e(objects[0])}${where}` : ''}</span></li>`;
  });
  return `<section id="worst"><h2>The worst first</h2><ol class="worst">${items.join('')}</ol></section>`;
}

function claims({ claims: judged }: VerificationReport): string {
  if (judged.length === 0)
    return '<section id="claims"><h2>Claims</h2><p>No claims were given, and the configuration implies none.</p></section>';
  return `<section id="claims"><h2>Claims</h2><p class="dim">Open one to see what its verdict rests on.</p>${judged.map(claim).join('')}</section>`;
}

function claim({
  claim: id,
  verdict,
  statement,
  severity,
  level,
  owner,
  derived,
  rationale,
  derivedFrom,
  because,
  evidence,
}: JudgedClaim): string {
  const about = [id, level, severity, owner && `owner ${owner}`, derived && 'derived'].filter(Boolean).join(' · ');
  const why = derived
    ? `<p class="dim">${e(rationale ?? '')}${derivedFrom?.length ? ` From ${e(derivedFrom.slice(0, 6).map(formatRef).join(', '))}.` : ''}</p>`
    : '';
  return `<details class="claim ${verdict}"><summary><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span> <span class="what">${e(statement)}<br><small class="dim">${e(about)}</small></span></summary>
<div class="body">${why}<h3>Because</h3>${reasons(because)}<h3>Evidence</h3>${evidence.map(piece).join('')}</div></details>`;
}

function piece({ level, verdict, source, observedAt, stale, because }: Evidence): string {
  return `<div class="piece"><p><b>${level}</b>: ${VERDICT_SIGN[verdict]} ${verdict} by ${e(source)}${observedAt === undefined ? '' : `, ${e(observedAt)}`}${stale ? ' <b>(stale: no longer counts)</b>' : ''}</p>${reasons(because)}</div>`;
}

function reasons(because: readonly Because[]): string {
  if (because.length === 0) return '<p class="dim">Nothing more is known.</p>';
  return `<ul class="reasons">${because.map((reason) => `<li>${e(reason.says)}${place(reason)}</li>`).join('')}</ul>`;
}

function place(reason: Because): string {
  if (reason.kind !== 'field') return '';
  const at = reason.at ? ` · ${formatPosition(reason.at)}` : '';
  return `<br><code>${e(`${formatRef(reason.object)} ${reason.path}${at}`)}</code>`;
}

function comparison({ comparison: compared }: VerificationReport): string {
  if (!compared) return '';
  const verdicts = compared.verdicts.map(
    ({ claim: id, before, after }) => `<li><code>${e(id)}</code>: ${before} → <b>${after}</b></li>`,
  );
  const edges = compared.connections.map(
    ({ from, to, before, after, opens }) =>
      `<li>${opens ? '<b>opens</b>' : 'closes'} ${e(from)} → ${e(to)}: ${e(before ?? 'none')} → ${e(after ?? 'none')}</li>`,
  );
  return `<section id="comparison"><h2>Compared with ${e(compared.against)}</h2><ul>${verdicts.join('')}${edges.join('')}<li>${compared.newFindings.length} new findings, ${compared.fixedFindings.length} gone</li></ul></section>`;
}

function findings(all: readonly Finding[]): string {
  if (all.length === 0) return '<section id="findings"><h2>Findings</h2><p>None.</p></section>';
  const rows = all.map((finding) => {
    const { severity, verdict, accepted, check, message, file, line, hint, because } = finding;
    const word = accepted ? 'accepted' : verdict === 'unknown' ? '? unknown' : severity;
    const at =
      file === undefined ? '' : `<code>${e(formatPosition({ file, ...(line === undefined ? {} : { line }) }))}</code>`;
    return `<details class="finding"><summary><span class="sev ${accepted ? 'low' : severity}">${word}</span> <span class="what">${e(message)}<br><small class="dim">${e(check)} · ${e(whereOf(finding))}${finding.new ? ' · new' : ''}</small></span></summary><div class="body">${at}${accepted ? `<p>Accepted until ${e(accepted.until)}: ${e(accepted.reason)}</p>` : ''}${hint === undefined ? '' : `<p>${e(hint)}</p>`}${reasons(because)}</div></details>`;
  });
  return `<section id="findings"><h2>Findings</h2>${rows.join('')}</section>`;
}

function reachability({ profile, workloads, exact }: ReachMatrix): string {
  const empty = exact ? 'no connection' : 'no certain connection (closed, or not decided)';
  return `<section id="reach"><h2>Who reaches whom</h2><p class="dim">${workloads.length} workloads, profile ${e(profile)}. Rows connect to columns. Choose a namespace to see its workloads; the arrow keys move, and the line below says what a cell means.</p>
<p class="legend"><span class="key all"></span>every port <span class="key some"></span>some ports <span class="key maybe"></span>? undecided <span class="key none"></span>${empty}</p>
<p><label>Rows <select id="rows"></select></label> <label>Columns <select id="columns"></select></label></p>
<div id="grid" tabindex="0" role="application" aria-label="Reachability matrix" aria-describedby="cell"><canvas id="matrix"></canvas><div id="space"></div></div><p id="cell" role="status" aria-live="polite">Move over the matrix, or focus it and use the arrow keys.</p><noscript><p>The matrix needs the script of this page; <code>seaworthy reach</code> prints the same as text.</p></noscript></section>`;
}

function coverage({ coverage: { read, gaps, notes } }: VerificationReport): string {
  const missing =
    gaps.length === 0
      ? '<p>Everything asked for could be read.</p>'
      : `<ul>${gaps.map(({ detail, remedy, at }) => `<li><b>? ${e(detail)}</b>${at ? ` <code>${e(formatPosition(at))}</code>` : ''}<br>${e(remedy)}</li>`).join('')}</ul>`;
  const kinds = read.map(({ kind, count }) => `${kind} ${count}`).join(', ');
  return `<section id="coverage"><h2>What could not be read</h2>${missing}<details><summary>What was read</summary><p>${e(kinds)}</p>${notes.length > 0 ? `<ul>${notes.map((note) => `<li>${e(note)}</li>`).join('')}</ul>` : ''}</details></section>`;
}

/** JSON that can stand inside a script element. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
