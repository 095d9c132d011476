import type { AttackPaths, HopProof } from '../../analysis/attack/index.ts';
import { formatNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import { plural } from '../wording.ts';
import type { PathGroup } from './fold-paths.ts';
import { nameOf, stopsInWords, type PathView, type ViewHop } from './view.ts';

/** Names of similar footholds written out. */
const MOST_NAMES = 3;

/** A sign for what a cluster says of a hop, always beside its word. */
export const PROOF_SIGN: Readonly<Record<NonNullable<ViewHop['proof']>['verdict'], string>> = {
  proven: '✓',
  refuted: '✗',
  unknown: '?',
};

/** `Internet -> Root`, effort, and for whom else it is the same. */
export function titleOf({ path }: PathGroup): string {
  return `${formatNode(path.from)} → ${formatNode(path.to)}`;
}

/** `and 18 similar: Shell:a/x, Shell:a/y, Shell:a/z, …`; empty when there are none. */
export function similarOf(similar: readonly AttackNode[]): string {
  if (similar.length === 0) return '';
  const names = similar.slice(0, MOST_NAMES).map(formatNode);
  return `and ${similar.length} similar: ${names.join(', ')}${similar.length > names.length ? ', …' : ''}`;
}

/** A hop in lines: what it is, why it is there, what is not known, what a cluster says of it. */
export function hopInWords({ number, edge, proof }: ViewHop): readonly string[] {
  return [
    `${number}. ${edge.kind} ${edge.title}: ${formatNode(edge.to)}`,
    ...edge.because.map(({ says }) => `because ${says}`),
    ...(edge.open === undefined ? [] : [`not known: ${edge.open}`]),
    ...(proof ? proofInWords(proof) : []),
  ];
}

/** What was seen of a hop, a line for each look. */
export function proofInWords({ seen }: NonNullable<ViewHop['proof']>): readonly string[] {
  return seen.map(({ check, verdict, says }) => `${PROOF_SIGN[verdict]} ${verdict} by ${LOOK_SAYS[check]}: ${says}`);
}

const LOOK_SAYS: Readonly<Record<HopProof['seen'][number]['check'], string>> = {
  review: 'an access review',
  connect: 'a connection',
  admission: 'a dry run',
  pod: 'the running pod',
  image: 'the running image',
  outside: 'a connection from outside',
  definition: 'definition',
  none: 'nothing',
};

/** A sign for whether a goal is in reach, always beside its words. */
export const GOAL_SIGN: Readonly<Record<'true' | 'false' | 'unknown', string>> = {
  true: '✗',
  false: '✓',
  unknown: '?',
};

/** The answer about one goal, in words. */
export interface GoalInWords {
  readonly verdict: AttackPaths['goals'][number]['reachable'];
  readonly says: string;
  /** Sentences below it. */
  readonly because: readonly string[];
}

/** The answer about one goal; an intruder who gets there is what nobody wants. */
export function goalInWords({ goal, reachable, essential, because }: AttackPaths['goals'][number]): GoalInWords {
  const verdict = reachable === true ? 'reachable' : reachable === false ? 'not reachable' : 'unknown';
  return {
    verdict: reachable,
    says: `${formatNode(goal)}: ${verdict}`,
    because: [
      ...(essential.length > 0 ? [`every path needs ${essential.map(nameOf).join(', ')}`] : []),
      ...(reachable === true ? [] : because.map(({ says }) => `because ${says}`)),
    ],
  };
}

/** The whole picture in one sentence, for those who can't see it. */
export function summaryOf(view: PathView): string {
  const { groups, hops, chokePoints, paths } = view;
  const [cheapest] = groups;
  if (!cheapest) return 'There is no path.';
  const steps = cheapest.hops.map(({ kind, to }) => `${kind} gives ${formatNode(to)}`).join(', ');
  const chokes = chokePoints.map((point) => `${nameOf(point.object)} (${stopsInWords(point, view)})`).join(', ');
  return [
    `${plural(paths, 'path')} of ${plural(hops.length, 'hop')} in all.`,
    `The cheapest, ${titleOf(cheapest)}: ${steps}.`,
    ...(chokes === '' ? [] : [`Choke points: ${chokes}.`]),
  ].join(' ');
}
