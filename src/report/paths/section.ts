import { formatNode } from '../../analysis/attack/nodes.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { reasons } from '../html/parts.ts';
import { plural } from '../wording.ts';
import type { PathGroup } from './fold-paths.ts';
import { pathsSvg } from './svg.ts';
import { chokePointsTitle, nameOf, stopsInWords, type PathView, type ViewHop } from './view.ts';
import { PROOF_SIGN, proofInWords, similarOf, titleOf } from './words.ts';

/** Wider pictures stand above the words instead of beside them. */
const WIDEST_BESIDE = 540;

/** Paths told in full at once; the others are opened on demand. */
const OPEN_AT_FIRST = 1;

/** Paths as HTML: choke points first, then the picture and, beside or below it, every hop with its because. */
export function pathsHtml(view: PathView, label: string): string {
  const { svg, width } = pathsSvg(view, label);
  const told = new Set<number>();
  const paths = view.groups.map((group, index) => pathHtml(view, group, index, told));
  const left =
    view.notDrawn === 0 ? '' : `<p class="dim">${plural(view.notDrawn, 'more path')} told below, not drawn.</p>`;
  return `${chokePointsHtml(view)}<div class="paths${width > WIDEST_BESIDE ? ' wide' : ''}"><figure><div class="scroll" tabindex="0" role="region" aria-label="${e(label)}">${svg}</div>${legend(view)}${left}</figure><div class="told">${paths.join('')}</div></div>`;
}

/** What to change first. */
function chokePointsHtml(view: PathView): string {
  if (view.chokePoints.length === 0) return '';
  const items = view.chokePoints.map((point) => {
    const hops = point.hops.length === 0 ? '' : ` <small class="dim">hop ${point.hops.join(', ')}</small>`;
    const stops = view.paths === 1 ? '' : ` ${stopsInWords(point, view)}`;
    return `<li><b>◆ ${e(nameOf(point.object))}</b>${stops}${hops}</li>`;
  });
  return `<p>${chokePointsTitle(view)}.</p><ul class="choke-points">${items.join('')}</ul>`;
}

function legend({ hops, arcs }: PathView): string {
  const signs = [
    '1 · E9: number and kind of a hop',
    ...(hops.some(({ choke }) => choke) ? ['◆ rests on a choke point'] : []),
    ...(arcs.some(({ also }) => also.length > 0) ? ['dotted: needed as well'] : []),
    ...(hops.some(({ edge }) => edge.open !== undefined) ? ['dashed, ?: not known for certain'] : []),
    ...(hops.some(({ proof }) => proof) ? ['✓ proven, ? not seen on the cluster'] : []),
  ];
  return `<figcaption class="dim"><small>${signs.map(e).join(' · ')}</small></figcaption>`;
}

function pathHtml(view: PathView, group: PathGroup, index: number, told: Set<number>): string {
  const byId = new Map(view.hops.map((hop) => [hop.edge.id, hop]));
  const hops = group.hops.flatMap((edge) => byId.get(edge.id) ?? []);
  const items = hops.map((hop) => hopHtml(hop, told));
  const similar = similarOf(group.similar);
  const head = `<b>${e(titleOf(group))}</b> <span class="dim">effort ${group.path.cost}, ${plural(hops.length, 'hop')}</span>`;
  const body = `${similar === '' ? '' : `<p class="dim">${e(similar)}</p>`}<ol class="hops">${items.join('')}</ol>`;
  return index < OPEN_AT_FIRST
    ? `<div class="path"><p>${head}</p>${body}</div>`
    : `<details class="more path"><summary>${head}</summary>${body}</details>`;
}

/** A hop in full the first time; later only its name, under the same number. */
function hopHtml(hop: ViewHop, told: Set<number>): string {
  const { number, edge, choke, proof } = hop;
  const again = told.has(number);
  told.add(number);
  const sign = proof
    ? ` <span class="sign ${proof.verdict === 'proven' ? 'violated' : proof.verdict === 'refuted' ? 'holds' : 'unknown'}">${PROOF_SIGN[proof.verdict]} ${proof.verdict}</span>`
    : '';
  const head = `${choke ? '<span class="choke-sign">◆</span> ' : ''}<b>${e(formatNode(edge.to))}</b> <span class="badge">${e(edge.kind)}</span> ${e(edge.title)}${sign}`;
  const open = edge.open === undefined ? '' : `<p class="unknown-text">? not known: ${e(edge.open)}</p>`;
  const seen = proof
    ? `<ul class="reasons">${proofInWords(proof)
        .map((line) => `<li>${e(line)}</li>`)
        .join('')}</ul>`
    : '';
  const body = again ? ' <small class="dim">as above</small>' : `${reasons(edge.because)}${open}${seen}`;
  return `<li value="${number}">${head}${body}</li>`;
}
