import { NETWORK_POLICY } from '../../model/policy-kinds.ts';
import { at } from '../../model/json.ts';
import type { Snapshot } from '../../model/snapshot.ts';

import type { OneChange } from './after/one-change.ts';
import { isAskedFor, type Engines } from './facts/facts.ts';
import { podUnitsOf } from './facts/pod-units.ts';
import { VULNERABILITY_REPORT } from './facts/reads.ts';
import { openScenes, scenesAfter, type Scenes } from './graph/scenes.ts';
import { shellOf } from './hops/hops.ts';
import { kubeletSettings } from './facts/kubelets.ts';
import { formatNode, node, type AttackNode } from './nodes.ts';
import { refId } from '../../model/object.ts';
import { bestPaths } from './paths/best-paths.ts';
import {
  findPath,
  kindsTaken,
  leastEffort,
  namesOf,
  type AttackPath,
  type GoalAnswer,
  type PathAnswer,
  type PathEdge,
} from './paths/paths.ts';

export type { OneChange } from './after/one-change.ts';
export { diffPaths, type ObjectChange, type PathChange } from './paths/diff.ts';
export type { PathHop } from './paths/fold.ts';
export type { LiveCheck } from './prove/checks.ts';
export { provePaths, type HopProof, type Look, type ProofReport, type Sighting } from './prove/prove-paths.ts';
export { openScenes, type Scenes } from './graph/scenes.ts';
export { fixPaths, type FixChange, type FixOptions, type FixSet } from './fix/fix-set.ts';
export type { AttackPath, GoalAnswer, PathAnswer, PathEdge } from './paths/paths.ts';

/** What `paths` answers. Edges are listed once, however many paths take them. */
export interface AttackPaths {
  readonly edges: readonly PathEdge[];
  readonly paths: readonly AttackPath[];
  readonly goals: readonly GoalAnswer[];
  /** Objects without which some foothold has no path to some goal, those that stop most first. */
  readonly chokePoints: readonly ChokePoint[];
  readonly coverage: {
    /** What this source can't hold, and was taken as absent. */
    readonly absent: readonly string[];
    /** What somebody asked about that this source doesn't have, and was taken to be in the cluster. */
    readonly presumed?: readonly string[];
    /** Footholds that were not tried because there are too many. */
    readonly notTried: number;
  };
}

export interface ChokePoint {
  readonly object: GoalAnswer['essential'][number];
  /** Pairs of foothold and goal that have no path without it. */
  readonly stops: number;
}

export interface AttackAnalysis {
  /** The cheapest path between two nodes, or why there is none. */
  path(from: AttackNode, to: AttackNode): PathAnswer;
  /** The least effort a path may take, with every premise that the facts leave open; undefined when there is no path even so. */
  leastEffort(from: AttackNode, to: AttackNode): number | undefined;
  /** The analysis as it is after one object changed; only what the object bears on is worked out again. */
  after(change: OneChange): AttackAnalysis;
  /** Ids of every kind of hop that somebody at a foothold could take, sooner or later. */
  everything(from: AttackNode, to: AttackNode): readonly string[];
  /** The same for all sensible footholds or goals where one is left out; up to `most` paths (1) for each pair. */
  paths(from?: AttackNode, to?: AttackNode, most?: number): AttackPaths;
}

/** Goals asked about when none is named. */
export const DEFAULT_GOALS: readonly AttackNode[] = [node('ClusterAdmin'), node('Root')];

/** Footholds when none is named: the internet, and a shell in every workload of any of the snapshots; not too many. */
export function defaultFootholds(...snapshots: readonly Snapshot[]): readonly AttackNode[] {
  const shells = snapshots.flatMap((snapshot) => podUnitsOf(snapshot).map(shellOf));
  const all = [node('Internet'), ...new Map(shells.map((shell) => [formatNode(shell), shell])).values()];
  return all.slice(0, MOST_FOOTHOLDS);
}

/** Footholds tried when none is named. */
const MOST_FOOTHOLDS = 300;

/** How far an intruder gets, by every analysis joined: a hop needs reach, permission, admission and a way in at once. */
export function analyseAttack(snapshot: Snapshot, engines: Engines = {}): AttackAnalysis {
  return analysisOf(openScenes(snapshot, engines));
}

function analysisOf(scenes: Scenes): AttackAnalysis {
  const { facts, sceneFor } = scenes;
  const { snapshot } = facts;
  // Judging a claim and drawing what was found ask the same questions.
  const known = new Map<string, PathAnswer>();
  const path = (from: AttackNode, to: AttackNode): PathAnswer => {
    const question = `${formatNode(from)}\n${formatNode(to)}`;
    let answer = known.get(question);
    if (!answer) {
      const { graph, world } = sceneFor(from, to);
      answer = withPolicies(findPath(graph, world, from, to), scenes, { from, to });
      known.set(question, answer);
    }
    return answer;
  };
  const best = (from: AttackNode, to: AttackNode, most: number): readonly PathAnswer[] => {
    const { graph, world } = sceneFor(from, to);
    const [first, ...others] = most < 2 ? [] : bestPaths(graph, world, { from, to, most });
    return first ? [withPolicies(first, scenes, { from, to }), ...others] : [path(from, to)];
  };

  return {
    path,
    leastEffort(from, to) {
      const { graph, world } = sceneFor(from, to);
      return leastEffort(graph, world, from, to);
    },
    after: (change) => analysisOf(scenesAfter(scenes, change)),
    everything(from, to) {
      const { graph, world } = sceneFor(from, to);
      return kindsTaken(graph, world, from);
    },
    paths(from, to, most = 1) {
      const all = from === undefined ? [node('Internet'), ...facts.pods.all().map(shellOf)] : [from];
      const footholds = all.slice(0, MOST_FOOTHOLDS);
      const goals = to === undefined ? DEFAULT_GOALS : [to];
      const found = goals.map((goal) => ({ goal, answers: footholds.map((foothold) => best(foothold, goal, most)) }));
      const answers = found.flatMap((one) => one.answers.flat());
      return {
        edges: [...new Map(answers.flatMap(({ edges }) => edges).map((edge) => [edge.id, edge])).values()],
        paths: answers.flatMap(({ paths }) => paths).sort((a, b) => a.cost - b.cost),
        goals: found.map((one) =>
          joined(
            one.answers.flatMap(([first]) => (first ? [first.goal] : [])),
            one.goal,
          ),
        ),
        chokePoints: chokePointsOf(found.flatMap((one) => one.answers.flatMap(([first]) => first?.paths ?? []))),
        coverage: {
          absent: absentFrom(snapshot),
          presumed: presumedFor(to, scenes),
          notTried: all.length - footholds.length,
        },
      };
    },
  };
}

/** One answer for a goal over several footholds: reachable from any, with what all of them need. */
function joined(answers: readonly GoalAnswer[], goal: AttackNode): GoalAnswer {
  const [only] = answers;
  if (only && answers.length === 1) return only;
  const reached = answers.filter(({ reachable }) => reachable === true);
  const open = answers.filter(({ reachable }) => reachable === 'unknown');
  const counted = reached.length > 0 ? reached : open;
  const [first, ...rest] = counted.map(({ essential }) => essential);
  const same = (a: GoalAnswer['essential'][number], b: GoalAnswer['essential'][number]): boolean =>
    a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
  return {
    goal,
    reachable: reached.length > 0 ? true : open.length > 0 ? 'unknown' : false,
    essential: (first ?? []).filter((one) => rest.every((other) => other.some((two) => same(one, two)))),
    because: reached.length > 0 ? [] : ((open[0] ?? answers[0])?.because ?? []),
  };
}

/** The objects that paths need, those that most of them need first. */
export function chokePointsOf(paths: readonly AttackPath[]): readonly ChokePoint[] {
  const all = paths.flatMap(({ essential }) => essential);
  return [...Map.groupBy(all, (object) => `${object.kind} ${object.namespace ?? ''}/${object.name}`)]
    .flatMap(([id, [object, ...others]]) => (object ? [{ id, object, stops: others.length + 1 }] : []))
    .sort((a, b) => b.stops - a.stops || (a.id < b.id ? -1 : 1))
    .map(({ object, stops }) => ({ object, stops }));
}

/** Policies tried for being needed, of those that the reasons of a path name. */
const MOST_POLICIES = 8;

/**
 * A policy may be what lets a connection through another policy's isolation, or just one of several: whether every path
 * needs it is seen by taking it out of the facts.
 */
function withPolicies(
  answer: PathAnswer,
  scenes: Scenes,
  { from, to }: { from: AttackNode; to: AttackNode },
): PathAnswer {
  if (answer.goal.reachable !== true) return answer;
  const named = answer.hops.flatMap(({ because }) =>
    because.flatMap((reason) =>
      reason.kind === 'field' && reason.object.kind === 'NetworkPolicy' ? [reason.object] : [],
    ),
  );
  const refs = [...new Map(named.map((ref) => [refId(ref), ref])).values()].slice(0, MOST_POLICIES);
  const needed = refs.filter((ref) => {
    const before = scenes.facts.snapshot.get(NETWORK_POLICY, ref.namespace, ref.name)?.object;
    if (!before) return false;
    const { graph, world } = scenesAfter(scenes, { before }).sceneFor(from, to);
    return findPath(graph, world, from, to).goal.reachable !== true;
  });
  if (needed.length === 0) return answer;
  const essential = namesOf([...answer.goal.essential.map((one) => ({ apiVersion: '', ...one })), ...needed]);
  return { ...answer, paths: answer.paths.map((one) => ({ ...one, essential })), goal: { ...answer.goal, essential } };
}

/** A goal that the files don't have, and which was taken to be in the cluster. */
function presumedFor(goal: AttackNode | undefined, { facts }: Scenes): readonly string[] {
  const isTaken = goal?.kind === 'Secret' && isAskedFor(goal, facts);
  return isTaken ? [`Secret ${goal.namespace}/${goal.name}`] : [];
}

function absentFrom(snapshot: Snapshot): readonly string[] {
  const nodes = snapshot.list('Node').map(({ object }) => object);
  const versions = nodes.some((node) => at(node, 'status', 'nodeInfo') !== undefined);
  return [
    ...(kubeletSettings(snapshot).length === 0 ? ['kubelet settings'] : []),
    ...(versions ? [] : ['kernel and runtime versions with known holes']),
    ...(snapshot.get('ConfigMap', 'kube-system', 'aws-auth')?.object['data']
      ? []
      : ['trust between the cloud and the cluster']),
    ...(snapshot.list(VULNERABILITY_REPORT).length === 0 ? ['vulnerabilities of images'] : []),
    ...(nodes.length === 0 ? ['nodes: pods without a node may run anywhere'] : []),
  ];
}
