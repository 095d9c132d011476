import type { Snapshot } from '../../../model/snapshot.ts';
import { actionTable, type Action } from '../hops/actions.ts';
import { EDGES } from '../edges/index.ts';
import { factsAfter } from '../after/after.ts';
import type { OneChange } from '../after/one-change.ts';
import { gatherFacts, isAskedFor, worldOf, type Engines, type Facts } from '../facts/facts.ts';
import { AttackGraph, type EarlierGraph } from './graph.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import { STATION_EDGES } from '../hops/stations.ts';
import { Changed } from '../world/reads.ts';
import type { World } from '../world/world.ts';

/** A world and the graph found in it so far. */
export interface Scene {
  readonly world: World;
  readonly graph: AttackGraph;
  /** The nodes somebody asks about that the facts don't know. */
  readonly asked: readonly AttackNode[];
}

/** The scenes of a snapshot, each made when it is first asked for. */
export interface Scenes {
  readonly facts: Facts;
  /** The scene in which a question about these nodes is answered: one that the facts don't know has a scene of its own. */
  sceneFor(...asked: readonly AttackNode[]): Scene;
  /** The hops found so far, here or before changes that do not bear on them. */
  found(): EarlierGraph | undefined;
}

const ACTIONS = actionTable(
  EDGES.flatMap(({ from, asks = [] }) => [...from, ...asks]).filter((one): one is Action => one.includes(' ')),
);

export function openScenes(snapshot: Snapshot, engines: Engines = {}): Scenes {
  return scenesOf(gatherFacts(snapshot, engines));
}

/** The scenes after objects changed. Hops that the change does not bear on are those found before. */
export function scenesAfter(before: Scenes, ...changes: readonly OneChange[]): Scenes {
  const { facts, changed } = factsAfter(before.facts, ...changes);
  const found = changed && before.found();
  return scenesOf(facts, found && { graph: found.graph, changed: found.changed.and(changed) });
}

function scenesOf(facts: Facts, earlier?: EarlierGraph): Scenes {
  const scenes = new Map<string, Scene>();
  return {
    facts,
    sceneFor(...nodes) {
      const asked = nodes.filter((node) => isAskedFor(node, facts));
      const key = asked.map(formatNode).join(' ');
      let scene = scenes.get(key);
      if (!scene) {
        const world = worldOf(facts, ACTIONS, asked);
        // Of a node that only the question knows, no earlier hop does.
        const graph = new AttackGraph(world, [...EDGES, ...STATION_EDGES], asked.length === 0 ? earlier : undefined);
        scenes.set(key, (scene = { world, asked, graph }));
      }
      return scene;
    },
    found() {
      const scene = scenes.get('');
      return scene ? { graph: scene.graph, changed: new Changed() } : earlier;
    },
  };
}
