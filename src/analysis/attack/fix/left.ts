import { closure, proofOf } from '../graph/closure.ts';
import { foldStations } from '../paths/fold.ts';
import { canonical, footholdNodes, leastLastHop, satisfies } from '../paths/goals.ts';
import type { Arc } from '../graph/graph.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import type { Scene, Scenes } from '../graph/scenes.ts';
import type { Change } from './change.ts';

export interface Pair {
  readonly from: AttackNode;
  readonly to: AttackNode;
}

/** Where a hop is: what it means is asked of its scene. */
export interface Place {
  readonly scenes: Scenes;
  readonly scene: Scene;
}

/** A path that is there. */
export interface Found extends Place {
  readonly goal: AttackNode;
  readonly proof: readonly Arc[];
}

/** Where a pair's paths start and end in a scene, numbered. */
export function endsOf({ from, to }: Pair, { graph, world }: Scene) {
  const goal = canonical(to, world);
  const known = new Map<number, boolean>();
  const isGoal = (node: number): boolean => {
    let answer = known.get(node);
    if (answer === undefined) known.set(node, (answer = satisfies(graph.nodeOf(node), goal, world)));
    return answer;
  };
  return { goal, footholds: footholdNodes(from, world).map((one) => graph.idOf(one)), isGoal };
}

/** A path for one of the pairs, open premises included, over hops that are not cut; `stopped` when there was no time. */
export function findPath(
  scenes: Scenes,
  pairs: readonly Pair[],
  stop: () => boolean,
  isCut?: (place: Place, arc: Arc) => boolean,
): Found | 'stopped' | undefined {
  for (const pair of pairs) {
    const scene = scenes.sceneFor(pair.from, pair.to);
    const { graph } = scene;
    const { goal, footholds, isGoal } = endsOf(pair, scene);
    const without = isCut && ((arc: Arc) => isCut({ scenes, scene }, arc));
    for (const openToo of [false, true]) {
      const found = closure(graph, {
        footholds,
        until: isGoal,
        lastHop: leastLastHop(goal),
        openToo,
        stop,
        ...(without ? { without } : {}),
      });
      if (found.stopped) return 'stopped';
      if (found.reached) return { goal, scenes, scene, proof: proofOf(found.held, found.reached.node) };
    }
  }
  return undefined;
}

/** Hops that rest on objects they do not name, by the kind of those. */
const HIDDEN_NEEDS: Readonly<Record<string, RegExp>> = {
  Namespace: /^(E5|E7|E8|E9|E10|B20)$/,
  ServiceAccount: /^(D1|C2)$/,
  NetworkPolicy: /^(H1|H3|H4|A1|D1|F7|E12)$/,
};

/** Tests whether chosen changes take a hop away; most hops have nothing to do with the objects that change. */
export function cutBy(made: readonly Change[], cutsOf: (place: Place, arc: Arc) => readonly Change[]) {
  const ids = new Set(made.map(({ id }) => id));
  const hidden = [...new Set(made.map(({ object }) => object.kind))].flatMap((kind) => HIDDEN_NEEDS[kind] ?? []);
  const touched = new WeakMap<Scene, ReadonlySet<number>>();
  return (place: Place, arc: Arc): boolean => {
    const { scene } = place;
    let objects = touched.get(scene);
    if (!objects) touched.set(scene, (objects = new Set(made.map(({ object }) => scene.graph.objectId(object)))));
    const near = arc.needs.some((object) => objects.has(object)) || hidden.some((kinds) => kinds.test(arc.edge.id));
    return near && cutsOf(place, arc).some(({ id }) => ids.has(id));
  };
}

export function writtenPath({ scene, proof, goal }: Found): readonly string[] {
  const hops = foldStations(scene.graph, proof);
  return hops.map(
    ({ edge, from, to }, index) =>
      `${edge.id} ${formatNode(from)} > ${formatNode(index === hops.length - 1 ? goal : to)}`,
  );
}
