import type { Snapshot } from '../../model/snapshot.ts';
import { actionTable, type Action } from './actions.ts';
import { EDGES } from './edges/index.ts';
import { gatherFacts, worldOf, type Engines, type Facts } from './facts.ts';
import { AttackGraph } from './graph.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import { STATION_EDGES } from './stations.ts';
import type { World } from './world/world.ts';

/** A world and the graph found in it so far. */
export interface Scene {
  readonly world: World;
  readonly graph: AttackGraph;
  /** The Reach nodes somebody asks about. */
  readonly asked: readonly AttackNode[];
}

/** The scenes of a snapshot, each made when it is first asked for. */
export interface Scenes {
  readonly facts: Facts;
  /** The scene in which a question about these nodes is answered: a Reach somebody asks about has one of its own. */
  sceneFor(...asked: readonly AttackNode[]): Scene;
}

const ACTIONS = actionTable(
  EDGES.flatMap(({ from, asks = [] }) => [...from, ...asks]).filter((one): one is Action => one.includes(' ')),
);

export function openScenes(snapshot: Snapshot, engines: Engines = {}): Scenes {
  return scenesOf(gatherFacts(snapshot, engines));
}

export function scenesOf(facts: Facts): Scenes {
  const scenes = new Map<string, Scene>();
  return {
    facts,
    sceneFor(...nodes) {
      const asked = nodes.filter(({ kind }) => kind === 'Reach');
      const key = asked.map(formatNode).join(' ');
      let scene = scenes.get(key);
      if (!scene) {
        const world = worldOf(facts, ACTIONS, asked);
        scenes.set(key, (scene = { world, asked, graph: new AttackGraph(world, [...EDGES, ...STATION_EDGES]) }));
      }
      return scene;
    },
  };
}
