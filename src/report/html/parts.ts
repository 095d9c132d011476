import type { Because } from '../../model/because.ts';
import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Coverage } from '../../model/snapshot.ts';
import type { Section } from '../report.ts';
import type { WorstThing } from '../types.ts';
import { escapeHtml as e } from './escape.ts';

/** An id of an element, made of any text. */
export function anchor(...parts: readonly string[]): string {
  return parts.join('-').replaceAll(/[^A-Za-z0-9_.-]+/g, '-');
}

/** The worst things, each with where it is told in full. */
export function worstSection(worst: readonly WorstThing[]): Section {
  const items = worst.map(({ severity, id, kind, says, objects, because, at }) => {
    const [first] = objects;
    const more = objects.length > 1 ? ` and ${objects.length - 1} more` : '';
    const about = [first === undefined ? '' : `${first}${more}`, at ?? ''].filter((text) => text !== '').join(' · ');
    const why = because === '' || because === says ? '' : `<br>${e(because)}`;
    return `<li><span class="sev ${severity}">${severity}</span> <b>${e(capital(says))}</b>${why}<br><small class="dim"><a href="#${anchor(kind, id)}">${kind === 'claim' ? 'claim ' : ''}${e(id)}</a>${about === '' ? '' : ` · ${e(about)}`}</small></li>`;
  });
  return {
    id: 'worst',
    heading: 'The worst first',
    nav: 'Worst',
    html:
      items.length === 0
        ? '<p>Nothing is violated and no check fails.</p>'
        : `<ol class="worst">${items.join('')}</ol>`,
  };
}

/** The reasons of a verdict, each with the field a person can look at. */
export function reasons(because: readonly Because[]): string {
  if (because.length === 0) return '<p class="dim">Nothing more is known.</p>';
  return `<ul class="reasons">${because.map((reason) => `<li>${e(reason.says)}${place(reason)}</li>`).join('')}</ul>`;
}

function place(reason: Because): string {
  if (reason.kind !== 'field') return '';
  const at = reason.at ? ` · ${formatPosition(reason.at)}` : '';
  return `<br><code>${e(`${formatRef(reason.object)} ${reason.path}${at}`)}</code>`;
}

/** What could not be read, what that would take, and what was read. */
export function coverageSection({ read, gaps, notes }: Coverage, more: readonly string[] = []): Section {
  const missing = [
    ...gaps.map(
      ({ detail, remedy, at }) =>
        `<li><b class="unknown-text">? ${e(detail)}</b>${at ? ` <code>${e(formatPosition(at))}</code>` : ''}<br>${e(remedy)}</li>`,
    ),
    ...more.map((says) => `<li><b class="unknown-text">? ${e(says)}</b></li>`),
  ];
  const rows = read.map(({ kind, count }) => `<tr><td>${e(kind)}</td><td>${count}</td></tr>`);
  return {
    id: 'coverage',
    heading: 'What could not be read',
    nav: 'Not read',
    html: `${missing.length === 0 ? '<p>Everything asked for could be read.</p>' : `<p>Whatever these would decide is <span class="unknown-text">unknown</span>, never a pass.</p><ul>${[...new Set(missing)].join('')}</ul>`}
<details class="more"><summary>What was read</summary>${notes.length === 0 ? '' : `<ul>${notes.map((note) => `<li>${e(note)}</li>`).join('')}</ul>`}<table><caption>Objects read, by kind</caption><thead><tr><th scope="col">Kind</th><th scope="col">Objects</th></tr></thead><tbody>${rows.join('')}</tbody></table></details>`,
  };
}

/** Commands to type next, each with what it is for. */
export function nextSection(steps: readonly { readonly command: string; readonly why: string }[]): Section {
  const items = steps.map(({ command, why }) => `<li>${e(capital(why))}<pre><code>${e(command)}</code></pre></li>`);
  return { id: 'next', heading: 'Next steps', nav: 'Next', html: `<ul>${items.join('')}</ul>` };
}

/** A text box and a choice that narrow the entries of a list; hidden where scripts don't run. */
export function filterTools(list: string, label: string, words: readonly string[]): string {
  const options = words.map((word) => `<option value="${e(word)}">${e(word)}</option>`).join('');
  return `<div class="tools" data-for="${list}" hidden><label>Find in ${e(label)} <input type="search" autocomplete="off"></label><label>Show <select><option value="">all</option>${options}</select></label><output class="dim" aria-live="polite"></output></div>`;
}

/** `2026-11-21 15:31:11 UTC`; text that is no time stays as it is. */
export function timeOf(written: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(written);
  return found ? `${found[1]} ${found[2]} UTC` : written;
}

/** A sentence with a capital letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
