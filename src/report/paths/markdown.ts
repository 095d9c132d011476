import { formatNode } from '../../analysis/attack/nodes.ts';
import { becauseOfGap } from '../../model/because.ts';
import { escapeMarkdown, formatMarkdown } from '../formats/markdown.ts';
import { plural } from '../wording.ts';
import type { PathsReport } from './paths-report.ts';
import { nameOf, stopsInWords, type PathView, type ViewHop } from './view.ts';
import { proofInWords, similarOf, titleOf } from './words.ts';

/** An answer of `paths` for a pull request or a wiki. */
export function pathsMarkdown({ view, goals, source, notes, notRead }: PathsReport): string {
  const verdicts = goals.map(({ says, because }) => `- ${escapeMarkdown([says, ...because].join('; '))}\n`);
  return [
    `# Attack paths: ${escapeMarkdown(source)}\n\n${verdicts.join('')}`,
    ...(view.paths === 0 ? [] : [viewMarkdown(view, '##')]),
    ...(notRead.gaps.length === 0
      ? []
      : [`## Not read\n\n${notRead.gaps.map((gap) => `- ${escapeMarkdown(becauseOfGap(gap).says)}\n`).join('')}`]),
    notes.map((note) => `${escapeMarkdown(note)}\n`).join('\n'),
  ].join('\n');
}

/** Choke points, then each path as a list of its hops under headings of one level. Hops keep their numbers in all paths. */
export function viewMarkdown(view: PathView, heading: '##' | '####'): string {
  const chokes = view.chokePoints.map((point) => [
    nameOf(point.object),
    stopsInWords(point, view),
    point.hops.join(', '),
  ]);
  const byId = new Map(view.hops.map((hop) => [hop.edge.id, hop]));
  const told = new Set<number>();
  const paths = view.groups.map((group) => {
    const hops = group.hops.flatMap((edge) => byId.get(edge.id) ?? []);
    const similar = similarOf(group.similar);
    return [
      `${heading} ${escapeMarkdown(titleOf(group))}\n`,
      `Effort ${group.path.cost}, ${plural(hops.length, 'hop')}.${similar === '' ? '' : ` ${escapeMarkdown(similar)}`}\n`,
      hops.map((hop) => hopMarkdown(hop, told)).join(''),
    ].join('\n');
  });
  return [
    ...(chokes.length === 0
      ? []
      : [`${heading} Choke points\n\n${formatMarkdown(['object', 'worth', 'hops'], chokes)}`]),
    ...paths,
  ].join('\n');
}

/** A hop in full the first time; later only its name, under the same number. */
function hopMarkdown({ number, edge, choke, proof }: ViewHop, told: Set<number>): string {
  const again = told.has(number);
  told.add(number);
  const details = [
    ...edge.because.map(({ says }) => `because ${says}`),
    ...(edge.open === undefined ? [] : [`not known: ${edge.open}`]),
    ...(proof ? proofInWords(proof) : []),
  ];
  // A number that Markdown does not take for the place in a list.
  const head = `- ${number}\\. ${choke ? '◆ ' : ''}**${escapeMarkdown(formatNode(edge.to))}** ${edge.kind} ${escapeMarkdown(edge.title)}`;
  return again ? `${head}, as above\n` : `${head}\n${details.map((one) => `  - ${escapeMarkdown(one)}\n`).join('')}`;
}
