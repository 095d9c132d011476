import type { JudgedClaim } from '../../claims/types.ts';
import { hopProofsOf } from '../paths/claim-paths.ts';
import { pathsHtml } from '../paths/section.ts';
import { nameOf, viewOf } from '../paths/view.ts';
import type { Section } from '../report.ts';
import { plural, VERDICT_SIGN } from '../wording.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { anchor, capital } from '../html/parts.ts';
import type { ClaimPaths } from '../types.ts';

/** The paths behind attackPath claims: drawn, told hop by hop, and with what the cluster said of each hop. */
export function attackPathsSection(found: readonly ClaimPaths[], claims: readonly JudgedClaim[]): Section {
  const articles = found.map((one) => {
    const judged = claims.find(({ claim }) => claim === one.claim);
    const proofs = hopProofsOf(judged?.evidence ?? []);
    const statement = judged?.statement ?? one.claim;
    const verdict = judged?.verdict ?? 'unknown';
    const proven = provenSays(one, proofs);
    const name = judged ? `<a href="#${anchor('claim', one.claim)}">${e(one.claim)}</a>` : e(one.claim);
    return `<article><h3>${e(statement)}</h3><p><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span> ${name}${proven === '' ? '' : `<br>${proven}`}</p>${fixHtml(one)}${pathsHtml(viewOf(one, proofs), statement)}</article>`;
  });
  return {
    id: 'attack-paths',
    heading: 'Attack paths',
    nav: 'Attack paths',
    html: `<p class="dim">How an intruder gets on, each hop with its because. Nothing was exploited to find out.</p>${articles.join('')}`,
  };
}

/** How many hops of the cheapest path the cluster confirmed; empty where it was not asked. */
function provenSays({ paths: [cheapest] }: ClaimPaths, proofs: ReturnType<typeof hopProofsOf>): string {
  const hops = cheapest?.edges ?? [];
  const seen = hops.filter((id) => proofs.get(id)?.verdict === 'proven').length;
  if (proofs.size === 0) return '';
  return `${seen} of ${hops.length} hops of the cheapest path confirmed on the cluster.`;
}

/** What to do about it, where that was found. */
function fixHtml({ fix }: ClaimPaths): string {
  if (!fix) return '';
  const changes = fix.changes.map(({ says, object, field }) => {
    const place = [nameOf(object), field];
    return `<li><b>${e(capital(says))}</b><br><code>${e(place.filter((part) => part !== '').join(' '))}</code></li>`;
  });
  const least = fix.minimal ? 'No smaller change does.' : `At least ${plural(fix.lowerBound, 'change')} are needed.`;
  return `<h4>What cuts every path</h4><ol>${changes.join('')}</ol><p class="dim">${least} Paths were looked for again in the changed configuration: there is none.</p>`;
}
