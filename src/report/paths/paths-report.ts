import { NODE_KINDS, formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import { DEFAULT_GOALS, type AttackPaths } from '../../analysis/attack/index.ts';
import { becauseOfGap } from '../../model/because.ts';
import type { Coverage, Snapshot } from '../../model/snapshot.ts';
import { plural } from '../wording.ts';
import { viewOf, type PathView } from './view.ts';
import { goalInWords, type GoalInWords } from './words.ts';

/** What was asked: nodes that were named, and the footholds that were tried where none was. */
export interface PathsQuestion {
  readonly from: AttackNode | undefined;
  readonly to: AttackNode | undefined;
  readonly tried: readonly AttackNode[];
}

/** An answer of `paths`, ready for every format. */
export interface PathsReport {
  /** Where the facts come from. */
  readonly source: string;
  readonly answer: AttackPaths;
  readonly view: PathView;
  readonly goals: readonly GoalInWords[];
  /** What could not be read, as far as no goal says so. */
  readonly notRead: Coverage;
  /** What was not tried and what was taken as absent, a sentence each. */
  readonly notes: readonly string[];
}

/** Puts an answer in words, with what it leaves out. */
export function pathsReport(
  answer: AttackPaths,
  question: PathsQuestion,
  { source, coverage }: Pick<Snapshot, 'source' | 'coverage'>,
): PathsReport {
  const { absent, presumed = [] } = answer.coverage;
  const goals = answer.goals.map(goalInWords).sort((a, b) => rank(a) - rank(b));
  const said = new Set(goals.flatMap(({ because }) => because));
  return {
    source: source.description,
    answer,
    view: viewOf(answer),
    goals,
    notRead: { ...coverage, gaps: coverage.gaps.filter((gap) => !said.has(`because ${becauseOfGap(gap).says}`)) },
    notes: [
      ...notTried(answer, question),
      ...(absent.length > 0 ? [`Not in this source, so taken as absent: ${absent.join('; ')}.`] : []),
      ...(presumed.length > 0
        ? [`Not in this source, but asked about, so taken to be there: ${presumed.join('; ')}.`]
        : []),
    ],
  };
}

/** Worst first: what is reachable, then what is not known. */
function rank({ verdict }: GoalInWords): number {
  return [true, 'unknown', false].indexOf(verdict);
}

/** No path from what was tried says nothing of what was not. */
function notTried({ paths, goals, coverage }: AttackPaths, { from, to, tried }: PathsQuestion): readonly string[] {
  const notes: string[] = [];
  if (from === undefined) {
    const without = tried.length - new Set(paths.map((path) => formatNode(path.from))).size;
    const nowhere = goals.some(({ reachable }) => reachable === 'unknown')
      ? 'have no path that is certain'
      : 'lead nowhere';
    const shells = tried.length - 1;
    const where = shells === 0 ? 'the internet' : `the internet and a shell in ${plural(shells, 'workload')}`;
    notes.push(`Tried from ${where}: ${without} of ${plural(tried.length, 'foothold')} ${nowhere}.`);
    if (coverage.notTried > 0) notes.push(`${coverage.notTried} more footholds were not tried: name one with --from.`);
    notes.push('Not tried: tokens, identities and nodes that somebody already has; name one with --from.');
  }
  if (to === undefined) {
    const usual = new Set(DEFAULT_GOALS.map(({ kind }) => kind));
    const others = NODE_KINDS.filter((kind) => kind !== 'Internet' && !usual.has(kind));
    notes.push(
      `Goals other than ${DEFAULT_GOALS.map(formatNode).join(' and ')} were not tried; --to takes ${others.join(', ')}.`,
    );
  }
  return notes;
}
