import type { PathEdge } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import type { Screen } from '../report.ts';
import { joinParts, nextPart, notReadPart } from '../screen/parts.ts';
import { plural } from '../wording.ts';
import type { PathsReport } from './paths-report.ts';
import { nameOf } from './view.ts';
import { GOAL_SIGN, similarOf, type GoalInWords } from './words.ts';

/** Choke points shown. */
const MOST_CHOKE_POINTS = 5;
/** Paths a first screen tells, of those between several pairs of foothold and goal. */
const MOST_PATHS = 5;

/** How paths are told: for a first screen or in full, and the command that helps most now. */
export interface TextOptions extends Screen {
  readonly every: boolean;
  readonly next?: { readonly command: string; readonly why: string };
}

/**
 * Verdicts and paths as a person follows them: which goals are in reach, the choke points, then what is held by which hop
 * because of what, and in the end what was left out.
 */
export function pathsText(report: PathsReport, options: TextOptions): string {
  const { view, goals, notes, notRead } = report;
  const told = options.every || view.pairs === 1 ? view.groups : view.groups.slice(0, MOST_PATHS);
  const hidden = view.groups.length - told.length;
  return joinParts([
    goals.map((goal) => goalLines(goal, options)).join(''),
    chokePointsPart(report),
    ...told.map(pathPart),
    hidden > 0 ? `${plural(hidden, 'more path')}, none with less effort; -o wide tells every one\n` : '',
    notReadPart(notRead, [], options),
    notes.map((note) => `${note}\n`).join(''),
    options.next ? nextPart(options.next.command, options.next.why, options) : '',
  ]);
}

function goalLines({ verdict, says, because }: GoalInWords, { paint }: TextOptions): string {
  const colour = verdict === true ? paint.red : verdict === false ? paint.green : paint.yellow;
  return [colour(`${GOAL_SIGN[`${verdict}`]} ${says}`), ...because.map((one) => `  ${one}`), ''].join('\n');
}

function chokePointsPart({ view }: PathsReport): string {
  if (view.pairs <= 1 || view.chokePoints.length === 0) return '';
  const lines = view.chokePoints
    .slice(0, MOST_CHOKE_POINTS)
    .map(({ object, stops }) => `  ${String(stops).padStart(4)}  ${nameOf(object)}\n`);
  return `Choke points: without it so many of the ${plural(view.pairs, 'path')} are gone\n${lines.join('')}`;
}

function pathPart({ path, hops, similar }: PathsReport['view']['groups'][number]): string {
  return [
    `${formatNode(path.from)} -> ${formatNode(path.to)}   effort ${path.cost}`,
    ...(similar.length > 0 ? [`  ${similarOf(similar)}`] : []),
    ...hops.flatMap((edge, index) => hopLines(edge, index + 1)),
    '',
  ].join('\n');
}

function hopLines(edge: PathEdge, number: number): readonly string[] {
  return [
    `  ${number}. ${formatNode(edge.to)}   ${edge.kind} ${edge.title}`,
    ...edge.because.map(({ says }) => `       because ${says}`),
    ...(edge.open === undefined ? [] : [`       not known: ${edge.open}`]),
  ];
}
