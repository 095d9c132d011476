import { breakable, escapeHtml as e } from '../html/escape.ts';
import { coverageSection, nextSection } from '../html/parts.ts';
import type { Section } from '../report.ts';
import { plural } from '../wording.ts';
import type { PathsReport } from './paths-report.ts';
import { pathsHtml } from './section.ts';

/** The page of `paths`: the answer first, then the picture with every hop, then what the answer leaves out. */
export function pathsPage(
  { source, view, goals, notes, notRead }: PathsReport,
  next: readonly { readonly command: string; readonly why: string }[],
): { readonly lead: string; readonly sections: readonly Section[] } {
  const answers = goals.map(({ says, because }) => {
    const why = `<ul class="reasons">${because.map((one) => `<li>${e(one)}</li>`).join('')}</ul>`;
    if (because.length === 0) return `<li><b>${e(says)}</b></li>`;
    return `<li>${because.length === 1 ? `<b>${e(says)}</b>${why}` : `<details class="more"${view.paths === 0 ? ' open' : ''}><summary><b>${e(says)}</b></summary>${why}</details>`}</li>`;
  });
  const open = goals.some(({ says }) => says.endsWith(': unknown'));
  const none = open ? 'Whether there is a path is not known.' : 'There is no path.';
  const sentence = view.paths === 0 ? none : `${plural(view.paths, 'path')} found.`;
  const lead = `<p class="product">Seaworthy · attack paths</p><h1>${breakable(source)}</h1><p class="verdict">${sentence}</p><ul>${answers.join('')}</ul>`;
  return {
    lead,
    sections: [
      ...(view.paths === 0
        ? []
        : [{ id: 'paths', heading: 'Paths', nav: 'Paths', html: pathsHtml(view, 'Attack paths') }]),
      {
        id: 'limits',
        heading: 'What this leaves out',
        nav: 'Left out',
        html: `<ul>${notes.map((note) => `<li>${e(note)}</li>`).join('')}</ul>`,
      },
      coverageSection(notRead),
      ...(view.paths === 0 || next.length === 0 ? [] : [nextSection(next)]),
    ],
  };
}
