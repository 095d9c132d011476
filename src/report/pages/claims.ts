import { formatRef } from '../../model/object.ts';
import type { Evidence, JudgedClaim } from '../../claims/types.ts';
import type { Section } from '../report.ts';
import { LEVEL_SAYS, plural, VERDICT_SIGN } from '../wording.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { anchor, filterTools, reasons, timeOf } from '../html/parts.ts';

const GROUPS = [
  { verdict: 'violated', heading: 'Not true' },
  { verdict: 'unknown', heading: 'Not known' },
  { verdict: 'holds', heading: 'True' },
] as const;

/** Claims that hold are folded away when there are more than this. */
const FOLD_ABOVE = 8;

/** Every claim with its verdict; what it rests on is opened on demand. */
export function claimsSection(claims: readonly JudgedClaim[]): Section {
  const head = { id: 'claims', heading: 'Claims', nav: 'Claims' };
  if (claims.length === 0) return { ...head, html: '<p>No claims were given, and the configuration implies none.</p>' };
  const groups = GROUPS.flatMap(({ verdict, heading }) => {
    const here = claims.filter((claim) => claim.verdict === verdict);
    if (here.length === 0) return [];
    const list = `<ul class="entries">${here.map((claim) => `<li data-filter="claims" data-word="${claim.verdict}">${entry(claim)}</li>`).join('')}</ul>`;
    const title = `${VERDICT_SIGN[verdict]} ${heading} (${here.length})`;
    const folded = verdict === 'holds' && here.length > FOLD_ABOVE;
    return folded
      ? [`<details class="more" data-group="claims"><summary>${title}</summary>${list}</details>`]
      : [`<div data-group="claims"><h3>${title}</h3>${list}</div>`];
  });
  const words = GROUPS.map(({ verdict }) => verdict).filter((verdict) => claims.some((one) => one.verdict === verdict));
  return {
    ...head,
    html: `<p class="dim">Each belief with its verdict. Open one to see what the verdict rests on.</p>${filterTools('claims', 'claims', words)}${groups.join('')}`,
  };
}

function entry(claim: JudgedClaim): string {
  const { claim: id, verdict, statement, severity, level, owner, derived, observedAt } = claim;
  const meta = [
    id,
    severity,
    owner === undefined ? '' : `owner ${owner}`,
    derived ? 'derived' : '',
    observedAt === undefined ? '' : timeOf(observedAt),
  ]
    .filter((text) => text !== '')
    .join(' · ');
  return `<details class="entry ${verdict}" id="${anchor('claim', id)}"><summary><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span> <span class="what">${e(statement)}</span> <small class="meta dim"><span class="badge">${level}</span> ${e(meta)}</small></summary><div class="body">${body(claim)}</div></details>`;
}

function body({ derived, rationale, derivedFrom = [], because, evidence }: JudgedClaim): string {
  const from = derivedFrom.slice(0, 6).map(formatRef).join(', ');
  const more = derivedFrom.length > 6 ? ` and ${derivedFrom.length - 6} more` : '';
  const why = derived
    ? `<p class="dim">Nobody wrote this claim: ${e(from === '' ? 'the configuration' : from)}${more} ${derivedFrom.length > 1 ? 'imply' : 'implies'} it. ${e(rationale ?? '')}</p>`
    : '';
  return `${why}<h4>Because</h4>${reasons(because)}<h4>Evidence</h4>${evidenceTable(evidence)}`;
}

function evidenceTable(evidence: readonly Evidence[]): string {
  const rows = evidence.map(({ level, verdict, source, observedAt, stale, because }) => {
    const age = `${observedAt === undefined ? 'follows from files alone' : timeOf(observedAt)}${stale ? ' (too old: no longer counts)' : ''}`;
    const says = because
      .slice(0, 3)
      .map((reason) => e(reason.says))
      .join('<br>');
    return `<tr><td data-label="Level"><b>${level}</b><br><small class="dim">${e(LEVEL_SAYS[level])}</small></td><td data-label="Verdict"><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span></td><td data-label="By">${e(source)}<br><small class="dim">${e(age)}</small></td><td data-label="Says">${says}${because.length > 3 ? `<br><small class="dim">and ${plural(because.length - 3, 'more reason')}</small>` : ''}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="Evidence, strongest first"><table class="stack"><thead><tr><th scope="col">Level</th><th scope="col">Verdict</th><th scope="col">By</th><th scope="col">Says</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
