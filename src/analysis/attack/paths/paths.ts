import { becauseOfGap, type Because } from '../../../model/because.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { certificateOf, type Certificate } from './certificate.ts';
import { closure, proofOf, type Closure } from '../graph/closure.ts';
import { EDGES } from '../edges/index.ts';
import { essentialObjects } from '../graph/essential.ts';
import { foldStations, type PathHop } from './fold.ts';
import { canonical, footholdNodes, leastLastHop, satisfies } from './goals.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import { API_REACH, formatNode, type AttackNode } from '../nodes.ts';
import { containersAt } from '../hops/hops.ts';
import { gapsThatBear } from '../facts/reads.ts';
import type { World } from '../world/world.ts';

/** One hop of a path, as `paths` prints it. */
export interface PathEdge {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly from: AttackNode;
  readonly to: AttackNode;
  /** Everything that must hold, as sentences and nodes. */
  readonly premises: readonly string[];
  readonly because: readonly Because[];
  /** The objects this hop rests on. */
  readonly needs: GoalAnswer['essential'];
  readonly technique: readonly string[];
  /** The premise the facts leave open, if one is. */
  readonly open?: string;
}

export interface AttackPath {
  readonly from: AttackNode;
  readonly to: AttackNode;
  /** Sum of the efforts of its hops. */
  readonly cost: number;
  /** Ids of its edges; each stands after those it rests on. */
  readonly edges: readonly string[];
  /** Objects that every path from this foothold to this goal needs. */
  readonly essential: GoalAnswer['essential'];
}

export interface GoalAnswer {
  readonly goal: AttackNode;
  /** `unknown`: only over a premise the facts leave open, or no path, but facts are missing that could give one. */
  readonly reachable: boolean | 'unknown';
  /** Objects every path needs: taking one away takes all paths away. */
  readonly essential: readonly { readonly kind: string; readonly namespace?: string; readonly name: string }[];
  /** Why not, or why it is not known; empty when a path is listed that needs no open premise. */
  readonly because: readonly Because[];
  /** What was found instead of a path; only where there is none. */
  readonly certificate?: Certificate;
}

export interface PathAnswer {
  readonly edges: readonly PathEdge[];
  readonly paths: readonly AttackPath[];
  readonly goal: GoalAnswer;
  /** The hops of the cheapest path themselves, for proving and fixing. */
  readonly hops: readonly PathHop[];
}

/** One search: where it starts, what it looks for, and whether it takes hops with open premises. */
interface Search {
  readonly footholds: readonly number[];
  readonly isGoal: (node: number) => boolean;
  readonly openToo: boolean;
}

/** The cheapest way from one foothold to one goal, or why there is none; over hops that are not left out. */
export function findPath(
  graph: AttackGraph,
  world: World,
  from: AttackNode,
  to: AttackNode,
  without?: (arc: Arc) => boolean,
): PathAnswer {
  const goal = canonical(to, world);
  const footholds = footholdNodes(from, world).map((node) => graph.idOf(node));
  const isGoal = goalTest(graph, world, goal);
  const search: Search = { footholds, isGoal, openToo: false };
  const until = { until: isGoal, lastHop: leastLastHop(goal), ...(without ? { without, everyNode: true } : {}) };
  const certain = closure(graph, { ...search, ...until });
  const open = certain.reached ? certain : closure(graph, { ...search, ...until, openToo: true });
  if (!open.reached) return isMissing(from, world) ? unknownFoothold(from, goal) : nothing(graph, world, goal, open);
  const proof = proofOf(open.held, open.reached.node);
  const hops = endingIn(foldStations(graph, proof), goal);
  const candidates = [...new Set(proof.flatMap(({ needs }) => needs))];
  const essential = essentialObjects(graph, {
    ...search,
    openToo: !certain.reached,
    candidates,
    ...(without ? { without } : {}),
  });
  const edges = hops.map((hop) => edgeOf(graph, hop));
  const needed = namesOf(essential.map((object) => graph.objectOf(object)));
  const { cost } = open.reached;
  return {
    edges,
    paths: [{ from: canonical(from, world), to: goal, cost, edges: edges.map(({ id }) => id), essential: needed }],
    goal: {
      goal,
      reachable: certain.reached ? true : 'unknown',
      essential: needed,
      because: certain.reached ? [] : hops.flatMap(openPremise),
    },
    hops,
  };
}

/** The effort of the cheapest path, open premises taken as held; undefined when there is none even so. */
export function leastEffort(graph: AttackGraph, world: World, from: AttackNode, to: AttackNode): number | undefined {
  const goal = canonical(to, world);
  const footholds = footholdNodes(from, world).map((node) => graph.idOf(node));
  const until = goalTest(graph, world, goal);
  return closure(graph, { footholds, openToo: true, until, lastHop: leastLastHop(goal) }).reached?.cost;
}

/** Tests for goals, kept beside the graph they are about: many footholds ask about one goal. */
const GOAL_TESTS = new WeakMap<AttackGraph, Map<string, (node: number) => boolean>>();

/** Whether holding a node is holding the goal, asked once for each node. */
function goalTest(graph: AttackGraph, world: World, goal: AttackNode): (node: number) => boolean {
  let tests = GOAL_TESTS.get(graph);
  if (!tests) GOAL_TESTS.set(graph, (tests = new Map()));
  const written = formatNode(goal);
  let test = tests.get(written);
  if (!test) {
    const known: (boolean | undefined)[] = [];
    test = (node) => (known[node] ??= satisfies(graph.nodeOf(node), goal, world));
    tests.set(written, test);
  }
  return test;
}

/** Ids of the kinds of hop that are open to somebody at a foothold, open premises included. */
export function kindsTaken(graph: AttackGraph, world: World, from: AttackNode): readonly string[] {
  const kinds = new Set<string>();
  closure(graph, {
    footholds: footholdNodes(from, world).map((node) => graph.idOf(node)),
    openToo: true,
    everyNode: true,
    without: ({ edge }) => {
      kinds.add(edge.id);
      return false;
    },
  });
  return [...kinds];
}

/** Whether a foothold is in a pod, or a container of one, that nobody knows of. */
function isMissing(from: AttackNode, world: World): boolean {
  if (formatNode(from) === formatNode(API_REACH)) return false;
  if (from.kind === 'Code') return containersAt(from, world).length === 0;
  return ['Shell', 'Reach'].includes(from.kind) && world.pods.at(from).length === 0;
}

/** From a place that is not there no path leads anywhere, which says nothing about the place that was meant. */
function unknownFoothold(from: AttackNode, goal: AttackNode): PathAnswer {
  const because: readonly Because[] = [
    {
      kind: 'absence',
      of: formatNode(from),
      says: `there is no pod, workload or container behind ${formatNode(from)} in what was read`,
    },
  ];
  return { edges: [], paths: [], hops: [], goal: { goal, reachable: 'unknown', essential: [], because } };
}

function nothing(graph: AttackGraph, world: World, goal: AttackNode, found: Closure): PathAnswer {
  const gaps = gapsThatBear(
    world.snapshot,
    [...found.held.keys()].map((id) => graph.nodeOf(id)),
  );
  const certificate = certificateOf(graph, found);
  return {
    edges: [],
    paths: [],
    hops: [],
    goal: {
      goal,
      reachable: gaps.length > 0 ? 'unknown' : false,
      essential: [],
      because: gaps.length > 0 ? gaps.map(becauseOfGap) : [...isNotThere(goal, world), ...whyNot(goal, certificate)],
      certificate,
    },
  };
}

/** That a Secret somebody asks about is not in a cluster all of whose Secrets were read. */
function isNotThere(goal: AttackNode, { secretsIn }: World): readonly Because[] {
  if (goal.kind !== 'Secret' || secretsIn(goal.namespace ?? '').includes(goal.name ?? '')) return [];
  return [{ kind: 'absence', of: formatNode(goal), says: `there is no Secret ${goal.namespace}/${goal.name}` }];
}

function whyNot(goal: AttackNode, { holds, blocked }: Certificate): readonly Because[] {
  const all = Object.entries(holds).map(([kind, count]) => `${kind} ${count}`);
  const says = `all that comes to be held is ${all.join(', ')}, and none of the ${EDGES.length} kinds of hop leads from there to ${formatNode(goal)}`;
  return [
    { kind: 'absence', of: 'path', says },
    ...blocked.map(({ edge, gives, lacks }): Because => ({
      kind: 'absence',
      of: lacks,
      says: `${edge}: would give ${gives}, but nobody there has ${lacks}`,
    })),
  ];
}

/** The last hop, written as ending in the goal itself where what it gives implies the goal. */
function endingIn(hops: readonly PathHop[], goal: AttackNode): readonly PathHop[] {
  return hops.map((hop, index) => (index === hops.length - 1 ? { ...hop, to: goal } : hop));
}

function openPremise({ open }: PathHop): readonly Because[] {
  return open === undefined ? [] : [{ kind: 'parameter', parameter: 'open premise', says: open }];
}

function edgeOf(graph: AttackGraph, { edge, from, to, and, needs, because, open }: PathHop): PathEdge {
  return {
    id: `${edge.id} ${formatNode(from)} > ${formatNode(to)}`,
    kind: edge.id,
    title: edge.title,
    from,
    to,
    premises: [from, ...and].map(formatNode).concat(because.map(({ says }) => says)),
    because,
    needs: namesOf(needs.map((object) => graph.objectOf(object))),
    technique: edge.technique,
    ...(open === undefined ? {} : { open }),
  };
}

/** Objects as `paths` names them, sorted. */
export function namesOf(objects: readonly ObjectRef[]): GoalAnswer['essential'] {
  return objects
    .map(({ kind, namespace, name }) => ({ kind, ...(namespace === undefined ? {} : { namespace }), name }))
    .sort((a, b) => (formatEssential(a) < formatEssential(b) ? -1 : 1));
}

function formatEssential(one: GoalAnswer['essential'][number]): string {
  return `${one.kind} ${one.namespace ?? ''}/${one.name}`;
}
