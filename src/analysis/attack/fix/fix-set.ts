import type { ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { closure, proofOf, type Closure } from '../closure.ts';
import { foldStations } from '../fold.ts';
import { canonical, footholdNodes, leastLastHop, satisfies } from '../goals.ts';
import type { Arc } from '../graph.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import { openScenes, type Scene, type Scenes } from '../scenes.ts';
import type { Change } from './changes.ts';
import { cutsIn, withChanges } from './cuts.ts';
import { disjoint, smallestHittingSet, type Constraint } from './hitting-set.ts';

export interface FixOptions {
  /** Every pair of foothold and goal whose paths are to go. */
  readonly pairs: readonly { readonly from: AttackNode; readonly to: AttackNode }[];
  /** Names of the claims a changed snapshot would break. */
  readonly broken?: (snapshot: Snapshot) => readonly string[];
  /** True once there is no time left: the best set found so far is then given with its gap. */
  readonly outOfTime?: () => boolean;
  /** True once even that must end: the answer is then `unfinished`. */
  readonly mustStop?: () => boolean;
}

export interface FixChange {
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly field: string;
  readonly action: 'remove' | 'set';
  readonly value?: unknown;
  readonly says: string;
}

/** What `paths fix` answers. */
export interface FixSet {
  /**
   * `fixed`: after the changes no path is left. `nothing`: there is no path. `impossible`: a path no change takes away.
   * `unfinished`: there was no time to find enough of them; the changes are a beginning.
   */
  readonly outcome: 'fixed' | 'nothing' | 'impossible' | 'unfinished';
  readonly changes: readonly FixChange[];
  /** No set with fewer changes does; equal to the number of changes when `minimal`. */
  readonly lowerBound: number;
  readonly minimal: boolean;
  /** How many fewer changes might do: 0 when `minimal`. */
  readonly gap: number;
  /** The paths from which the bound follows: each needs one of its cuts. */
  readonly proof: readonly { readonly path: readonly string[]; readonly cuts: readonly string[] }[];
  /** Paths were looked for again in the changed facts, and there was none. */
  readonly verified: boolean;
  /** Changes left out because a claim would break. */
  readonly excluded: readonly { readonly changes: readonly string[]; readonly claims: readonly string[] }[];
  readonly because: readonly string[];
}

/** A fix, and the facts as they are after it. */
export interface Fixed {
  readonly fix: FixSet;
  readonly after: Snapshot;
}

/** Hops that rest on objects they do not name: the labels of a namespace, a policy, a service account's field. */
const HIDDEN_NEEDS = /^(D1|C2|E5|E9|E10|H1)$/;

interface Place {
  readonly scenes: Scenes;
  readonly scene: Scene;
}

interface Found extends Place {
  readonly goal: AttackNode;
  readonly proof: readonly Arc[];
}

/**
 * The smallest set of changes to real objects that takes all paths away, by implicit hitting sets: find a path the chosen
 * changes leave, note the changes of which it needs one, choose the smallest set that has one of each, until no path is
 * left. Every noted path is there unless one of its cuts is made, so no smaller set can do (Moreno-Centeno and Karp 2013).
 * Paths are looked for first among the known hops, then in the facts as they would be.
 */
export function fixPaths(snapshot: Snapshot, options: FixOptions): Fixed {
  const { pairs, broken = () => [], outOfTime = () => false, mustStop = () => false } = options;
  const before = openScenes(snapshot);
  const brokenBefore = new Set(broken(snapshot));
  const cutters = new WeakMap<Scene, (arc: Arc) => readonly Change[]>();
  const cutsOf = ({ scenes, scene }: Place, arc: Arc): readonly Change[] => {
    let cutter = cutters.get(scene);
    if (!cutter) cutters.set(scene, (cutter = cutsIn(scenes, scene)));
    return cutter(arc);
  };
  /** Whether chosen changes take a hop away; most hops have nothing to do with the objects that change. */
  const cutBy = (made: readonly Change[]) => {
    const ids = new Set(made.map(({ id }) => id));
    const touched = new WeakMap<Scene, ReadonlySet<number>>();
    return (place: Place, arc: Arc): boolean => {
      const { scene } = place;
      let objects = touched.get(scene);
      if (!objects) touched.set(scene, (objects = new Set(made.map(({ object }) => scene.graph.objectId(object)))));
      const near = arc.needs.some((object) => objects.has(object)) || HIDDEN_NEEDS.test(arc.edge.id);
      return near && cutsOf(place, arc).some(({ id }) => ids.has(id));
    };
  };
  const changes = new Map<string, Change>();
  const constraints: Constraint[] = [];
  const proof: { readonly path: readonly string[]; readonly cuts: readonly string[] }[] = [];
  const forbidden: ReadonlySet<string>[] = [];
  const excluded: { readonly changes: readonly string[]; readonly claims: readonly string[] }[] = [];
  let chosen: readonly Change[] = [];
  let bound = 0;
  let exact = true;

  for (;;) {
    const ids = new Set(chosen.map(({ id }) => id));
    const known = findPath(before, pairs, cutBy(chosen));
    const after = known || chosen.length === 0 ? snapshot : withChanges(snapshot, chosen);
    const found = known ?? findPath(chosen.length === 0 ? before : openScenes(after), pairs);
    if (!found) {
      const claims = broken(after).filter((claim) => !brokenBefore.has(claim));
      if (claims.length === 0) return answer('fixed', []);
      const culprit = chosen.find((one) =>
        broken(withChanges(snapshot, [one])).some((claim) => !brokenBefore.has(claim)),
      );
      const set = culprit ? [culprit] : chosen;
      forbidden.push(new Set(set.map(({ id }) => id)));
      excluded.push({ changes: set.map(({ says }) => says), claims });
    } else {
      const cuts = [...new Map(found.proof.flatMap((arc) => cutsOf(found, arc)).map((one) => [one.id, one])).values()];
      for (const one of cuts) changes.set(one.id, one);
      constraints.push({ choices: cuts, given: known ? new Set() : ids });
      const path = writtenPath(found);
      if (known) proof.push({ path, cuts: cuts.map(({ says }) => says) });
      if (cuts.length === 0 && known)
        return answer('impossible', [`no change considered takes this path away: ${path.join(', ')}`]);
    }
    const unconditional = constraints.filter(({ given }) => given.size === 0);
    bound = Math.max(bound, disjoint(unconditional.map(({ choices }) => choices)));
    if (mustStop()) return answer('unfinished', ['there are paths left, and no time']);
    if (outOfTime()) exact = false;
    const next = exact ? smallestHittingSet({ constraints, forbidden }) : greedy();
    if (!next)
      return answer('impossible', ['every set of changes that takes the paths away breaks a claim, or opens another']);
    if (exact) {
      if (!next.exact) exact = false;
      else bound = Math.max(bound, next.chosen.length);
    }
    chosen = next.chosen.flatMap(({ id }) => changes.get(id) ?? []);
  }

  /** Keeps what is chosen and adds the least harmful cut of the newest path. */
  function greedy(): ReturnType<typeof smallestHittingSet> {
    const ids = new Set(chosen.map(({ id }) => id));
    const pick = constraints
      .at(-1)
      ?.choices.filter(({ id }) => !ids.has(id) && !forbidden.some((set) => set.size === 1 && set.has(id)))
      .toSorted((a, b) => a.harm - b.harm)[0];
    return pick && { chosen: [...chosen, pick], exact: false };
  }

  function answer(outcome: 'fixed' | 'impossible' | 'unfinished', because: readonly string[]): Fixed {
    const made = outcome === 'impossible' ? [] : chosen;
    const minimal = outcome === 'fixed' && made.length <= bound;
    const fix: FixSet = {
      outcome: outcome === 'fixed' && made.length === 0 ? 'nothing' : outcome,
      changes: made.map(shown),
      lowerBound: bound,
      minimal,
      gap: outcome === 'impossible' ? 0 : Math.max(0, made.length - bound),
      proof,
      verified: outcome === 'fixed',
      excluded,
      because,
    };
    return { fix, after: withChanges(snapshot, made) };
  }
}

/** A path for one of the pairs, open premises included, over hops that are not cut. */
function findPath(
  scenes: Scenes,
  pairs: FixOptions['pairs'],
  isCut?: (place: Place, arc: Arc) => boolean,
): Found | undefined {
  for (const { from, to } of pairs) {
    const scene = scenes.sceneFor(from, to);
    const { graph, world } = scene;
    const goal = canonical(to, world);
    const options = {
      footholds: footholdNodes(from, world).map((one) => graph.idOf(one)),
      until: (one: number) => satisfies(graph.nodeOf(one), goal, world),
      lastHop: leastLastHop(goal),
      ...(isCut ? { without: (arc: Arc) => isCut({ scenes, scene }, arc) } : {}),
    };
    const reached = (openToo: boolean): Closure => closure(graph, { ...options, openToo });
    const certain = reached(false);
    const found = certain.reached ? certain : reached(true);
    if (found.reached) return { goal, scenes, scene, proof: proofOf(found.held, found.reached.node) };
  }
  return undefined;
}

function writtenPath({ scene, proof, goal }: Found): readonly string[] {
  const hops = foldStations(scene.graph, proof);
  return hops.map(
    ({ edge, from, to }, index) =>
      `${edge.id} ${formatNode(from)} > ${formatNode(index === hops.length - 1 ? goal : to)}`,
  );
}

function shown({ object, field, action, value, says }: Change): FixChange {
  return { object: namesOf(object), field, action, ...(value === undefined ? {} : { value }), says };
}

function namesOf({ kind, namespace, name }: ObjectRef): FixChange['object'] {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}
