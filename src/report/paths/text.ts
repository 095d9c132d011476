import type { PathEdge } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import type { PathsReport } from './paths-report.ts';
import { nameOf } from './view.ts';
import { similarOf } from './words.ts';

/** Choke points shown. */
const MOST_CHOKE_POINTS = 5;

/** Paths and verdicts as a person follows them: choke points first, then what is held, by which hop, because of what. */
export function pathsText({ view, goals, notes }: PathsReport): string {
  const lines: string[] = [];
  if (view.pairs > 1 && view.chokePoints.length > 0) {
    lines.push('Choke points: without it so many of the paths below are gone');
    for (const { object, stops } of view.chokePoints.slice(0, MOST_CHOKE_POINTS))
      lines.push(`  ${String(stops).padStart(4)}  ${nameOf(object)}`);
    lines.push('');
  }
  for (const { path, hops, similar } of view.groups) {
    lines.push(`${formatNode(path.from)} -> ${formatNode(path.to)}   effort ${path.cost}`);
    if (similar.length > 0) lines.push(`  ${similarOf(similar)}`);
    hops.forEach((edge, index) => lines.push(...hopLines(edge, index + 1)));
    lines.push('');
  }
  for (const { says, because } of goals) lines.push(says, ...because.map((one) => `  ${one}`));
  for (const note of notes) lines.push('', note);
  return `${lines.join('\n')}\n`;
}

function hopLines(edge: PathEdge, number: number): readonly string[] {
  return [
    `  ${number}. ${formatNode(edge.to)}   ${edge.kind} ${edge.title}`,
    ...edge.because.map(({ says }) => `       because ${says}`),
    ...(edge.open === undefined ? [] : [`       not known: ${edge.open}`]),
  ];
}
