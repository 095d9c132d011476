import { formatNode } from '../../analysis/attack/nodes.ts';
import { escapeMarkdown, formatMarkdown } from '../formats/markdown.ts';
import { plural } from '../wording.ts';
import type { PathsReport } from './paths-report.ts';
import { nameOf, stopsInWords, type ViewHop } from './view.ts';
import { proofInWords, similarOf, titleOf } from './words.ts';

/** Attack paths for a pull request or a wiki: choke points, then each path as a numbered list. */
export function pathsMarkdown({ view, goals, source, notes }: PathsReport): string {
  const verdicts = goals.map(({ says, because }) => `- ${escapeMarkdown([says, ...because].join('; '))}\n`);
  const chokes = view.chokePoints.map((point) => [
    nameOf(point.object),
    stopsInWords(point, view),
    point.hops.join(', '),
  ]);
  const byId = new Map(view.hops.map((hop) => [hop.edge.id, hop]));
  const paths = view.groups.map((group) => {
    const hops = group.hops.flatMap((edge) => byId.get(edge.id) ?? []);
    const similar = similarOf(group.similar);
    return [
      `### ${escapeMarkdown(titleOf(group))}\n\nEffort ${group.path.cost}, ${plural(hops.length, 'hop')}.${similar === '' ? '' : ` ${escapeMarkdown(similar)}`}\n`,
      hops.map((hop, index) => hopMarkdown(hop, index + 1)).join(''),
    ].join('\n');
  });
  return [
    `# Attack paths: ${escapeMarkdown(source)}\n\n${verdicts.join('')}`,
    ...(chokes.length === 0 ? [] : [`## Choke points\n\n${formatMarkdown(['object', 'worth', 'hops'], chokes)}`]),
    ...(paths.length === 0 ? [] : [`## Paths\n\n${paths.join('\n')}`]),
    notes.map((note) => `${escapeMarkdown(note)}\n`).join('\n'),
  ].join('\n');
}

function hopMarkdown({ edge, choke, proof }: ViewHop, place: number): string {
  const details = [
    ...edge.because.map(({ says }) => `because ${says}`),
    ...(edge.open === undefined ? [] : [`not known: ${edge.open}`]),
    ...(proof ? proofInWords(proof) : []),
  ];
  const head = `${choke ? '◆ ' : ''}**${escapeMarkdown(formatNode(edge.to))}** ${edge.kind} ${escapeMarkdown(edge.title)}`;
  return `${place}. ${head}\n${details.map((one) => `   - ${escapeMarkdown(one)}\n`).join('')}`;
}
