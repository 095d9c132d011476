import type { Snapshot } from '../../model/snapshot.ts';
import { analyseAccess, type AccessAnalysis } from '../access/index.ts';
import { analyseNetwork, type NetworkAnalysis } from '../network/index.ts';
import { accessFacts, type AccessFacts } from './access-facts.ts';
import { actionTable, type Action } from './actions.ts';
import { EDGES } from './edges/index.ts';
import { AttackGraph } from './graph.ts';
import { networkFacts, type NetworkFacts } from './network-facts.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import { podUnitsOf, type PodUnit } from './pod-units.ts';
import { STATION_EDGES } from './stations.ts';
import { weaknessesOf } from './weaknesses.ts';
import { World } from './world.ts';

/** A world and the graph found in it so far. */
export interface Scene {
  readonly world: World;
  readonly graph: AttackGraph;
}

/** Analyses that somebody has made already of the same snapshot. */
export interface SceneEngines {
  readonly access?: AccessAnalysis;
  readonly network?: NetworkAnalysis;
}

/** What the scenes of a snapshot are made of. */
export interface SceneFacts {
  readonly snapshot: Snapshot;
  readonly access: AccessAnalysis;
  readonly grants: AccessFacts;
  readonly units: readonly PodUnit[];
  readonly network: NetworkFacts;
  /** `grants` are those after one change, `access` is as before it. */
  readonly patched?: true;
  /** The scenes before that change. */
  readonly like?: Scenes;
}

export interface Scenes {
  readonly facts: SceneFacts;
  readonly units: readonly PodUnit[];
  /** The scene in which a question about these nodes is answered: a Reach somebody asks about has one of its own. */
  sceneFor(...asked: readonly AttackNode[]): Scene;
}

const ACTIONS = actionTable(
  EDGES.flatMap(({ from, asks = [] }) => [...from, ...asks]).filter((one): one is Action => one.includes(' ')),
);

/** Gathers the facts of a snapshot; the network is analysed when a hop first asks about it. */
export function gatherFacts(snapshot: Snapshot, engines: SceneEngines = {}): SceneFacts {
  const access = engines.access ?? analyseAccess(snapshot);
  const units = podUnitsOf(snapshot);
  const analyse = (): NetworkAnalysis => engines.network ?? analyseNetwork(snapshot, { profile: 'kubernetes' });
  return { snapshot, access, grants: accessFacts(access), units, network: networkFacts(snapshot, units, analyse) };
}

/** The scenes of a snapshot, each made when it is first asked for. */
export function openScenes(snapshot: Snapshot, engines: SceneEngines = {}): Scenes {
  return scenesOf(gatherFacts(snapshot, engines));
}

export function scenesOf(facts: SceneFacts): Scenes {
  const { snapshot, units } = facts;
  const weaknesses = weaknessesOf(snapshot, units);
  const scenes = new Map<string, Scene>();
  return {
    facts,
    units,
    sceneFor(...asked) {
      const reaches = asked.filter(({ kind }) => kind === 'Reach');
      const key = reaches.map(formatNode).join(' ');
      let scene = scenes.get(key);
      if (!scene) {
        const engines = { ...facts.grants, ...facts.network };
        const like = facts.like && { like: facts.like.sceneFor(...asked).world };
        const world = new World({ snapshot, units, weaknesses, asked: reaches, engines, rules: ACTIONS, ...like });
        scenes.set(key, (scene = { world, graph: new AttackGraph(world, [...EDGES, ...STATION_EDGES]) }));
      }
      return scene;
    },
  };
}
