import type { Snapshot } from '../../model/snapshot.ts';
import { analyseAccess, type AccessAnalysis } from '../access/index.ts';
import { analyseNetwork, type NetworkAnalysis } from '../network/index.ts';
import { shellOf } from './hops.ts';
import { actionTable, type Action } from './actions.ts';
import { accessFacts } from './access-facts.ts';
import { EDGES } from './edges/index.ts';
import { AttackGraph } from './graph.ts';
import { networkFacts } from './network-facts.ts';
import { formatNode, node, type AttackNode } from './nodes.ts';
import { findPath, kindsTaken, type AttackPath, type GoalAnswer, type PathAnswer, type PathEdge } from './paths.ts';
import { podUnitsOf } from './pod-units.ts';
import { STATION_EDGES } from './stations.ts';
import { weaknessesOf } from './weaknesses.ts';
import { World } from './world.ts';

export type { AttackPath, GoalAnswer, PathAnswer, PathEdge } from './paths.ts';

/** What `paths` answers. Edges are listed once, however many paths take them. */
export interface AttackPaths {
  readonly edges: readonly PathEdge[];
  readonly paths: readonly AttackPath[];
  readonly goals: readonly GoalAnswer[];
  readonly coverage: {
    /** What this source can't hold, and was taken as absent. */
    readonly absent: readonly string[];
    /** Footholds that were not tried because there are too many. */
    readonly notTried: number;
  };
}

export interface AttackAnalysis {
  /** The cheapest path between two nodes, or why there is none. */
  path(from: AttackNode, to: AttackNode): PathAnswer;
  /** Ids of every kind of hop that somebody at a foothold could take, sooner or later. */
  everything(from: AttackNode, to: AttackNode): readonly string[];
  /** The same for all sensible footholds or goals where one is left out. */
  paths(from?: AttackNode, to?: AttackNode): AttackPaths;
}

/** A world and the graph found in it so far. A Reach somebody asks about has a world of its own. */
interface Scene {
  readonly world: World;
  readonly graph: AttackGraph;
}

const ACTIONS = actionTable(
  EDGES.flatMap(({ from, asks = [] }) => [...from, ...asks]).filter((one): one is Action => one.includes(' ')),
);

/** Footholds tried when none is named. */
const MOST_FOOTHOLDS = 300;

/** How far an intruder gets, by every analysis joined: a hop needs reach, permission, admission and a way in at once. */
export function analyseAttack(
  snapshot: Snapshot,
  engines: { readonly access?: AccessAnalysis; readonly network?: NetworkAnalysis } = {},
): AttackAnalysis {
  const access = accessFacts(engines.access ?? analyseAccess(snapshot));
  const units = podUnitsOf(snapshot);
  const network = networkFacts(
    snapshot,
    units,
    () => engines.network ?? analyseNetwork(snapshot, { profile: 'kubernetes' }),
  );
  const weaknesses = weaknessesOf(snapshot, units);
  const scenes = new Map<string, Scene>();
  const sceneFor = (...asked: readonly AttackNode[]): Scene => {
    const reaches = asked.filter(({ kind }) => kind === 'Reach');
    const key = reaches.map(formatNode).join(' ');
    let scene = scenes.get(key);
    if (!scene) {
      const world = new World({
        snapshot,
        units,
        weaknesses,
        asked: reaches,
        engines: { ...access, ...network },
        rules: ACTIONS,
      });
      scenes.set(key, (scene = { world, graph: new AttackGraph(world, [...EDGES, ...STATION_EDGES]) }));
    }
    return scene;
  };
  const path = (from: AttackNode, to: AttackNode): PathAnswer => {
    const { graph, world } = sceneFor(from, to);
    return findPath(graph, world, from, to);
  };

  return {
    path,
    everything(from, to) {
      const { graph, world } = sceneFor(from, to);
      return kindsTaken(graph, world, from);
    },
    paths(from, to) {
      const all = from === undefined ? [node('Internet'), ...units.map(shellOf)] : [from];
      const footholds = all.slice(0, MOST_FOOTHOLDS);
      const goals = to === undefined ? [node('ClusterAdmin'), node('Root')] : [to];
      const found = goals.map((goal) => ({ goal, answers: footholds.map((foothold) => path(foothold, goal)) }));
      const answers = found.flatMap((one) => one.answers);
      return {
        edges: [...new Map(answers.flatMap(({ edges }) => edges).map((edge) => [edge.id, edge])).values()],
        paths: answers.flatMap(({ paths }) => paths).sort((a, b) => a.cost - b.cost),
        goals: found.map((one) =>
          joined(
            one.answers.map(({ goal }) => goal),
            one.goal,
          ),
        ),
        coverage: { absent: absentFrom(snapshot), notTried: all.length - footholds.length },
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

function absentFrom(snapshot: Snapshot): readonly string[] {
  return [
    'kubelet settings',
    'kernel and runtime versions with known holes',
    'trust between the cloud and the cluster',
    ...(snapshot.list('VulnerabilityReport.aquasecurity.github.io').length === 0 ? ['vulnerabilities of images'] : []),
    ...(snapshot.list('Node').length === 0 ? ['nodes: pods without a node may run anywhere'] : []),
  ];
}
