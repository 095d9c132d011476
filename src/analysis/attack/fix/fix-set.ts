import type { ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Arc } from '../graph/graph.ts';
import { openScenes, type Scene } from '../graph/scenes.ts';
import type { Change, FieldEdit } from './change.ts';
import { changesOf } from './changes.ts';
import { cutsIn, scenesWith, withChanges } from './cuts.ts';
import { disjoint, smallestHittingSet, type Constraint } from './hitting-set.ts';
import { cutBy, endsOf, findPath, writtenPath, type Found, type Pair, type Place } from './left.ts';
import { separate } from './separate.ts';

export interface FixOptions {
  /** Every pair of foothold and goal whose paths are to go. */
  readonly pairs: readonly Pair[];
  /** Names of the claims a changed snapshot would break. */
  readonly broken?: (snapshot: Snapshot) => readonly string[];
  /** True once there is no time left to look for a smaller set than the best that is known: its gap is then stated. */
  readonly outOfTime?: () => boolean;
  /** True once even looking for any set must end: without one the answer is then `unfinished`. */
  readonly mustStop?: () => boolean;
  /** Rounds of the exact search before a set that may not be the smallest is made first (default 4). */
  readonly patience?: number;
}

export interface FixChange {
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
  readonly field: string;
  readonly action: 'remove' | 'set' | 'add';
  readonly value?: unknown;
  /** Further fields of the object that change with it. */
  readonly also?: readonly FieldEdit[];
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
  /** A set of so many changes does: these. Absent while none is known. */
  readonly upperBound?: number;
  readonly minimal: boolean;
  /** How many fewer changes might do: 0 when `minimal`. Absent while no set is known that does. */
  readonly gap?: number;
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

/** Times a set is made again that breaks claims. */
const MOST_ATTEMPTS = 8;

/** Paths of a separation that are looked into for the bound. */
const MOST_PROOFS = 300;

/**
 * The smallest set of changes to real objects that takes all paths away, by implicit hitting sets: find a path the chosen
 * changes leave, note the changes of which it needs one, choose the smallest set that has one of each, until no path is
 * left. Every noted path is there unless one of its cuts is made, so no smaller set can do (Moreno-Centeno and Karp 2013).
 * Paths are looked for first among the known hops, then in the facts as they would be.
 *
 * Where that takes many rounds, a minimal cut of the hops gives a set that does, not always the smallest, and paths that bound
 * it from below; the search goes on from there, and the best set is given when time is out.
 */
export function fixPaths(snapshot: Snapshot, options: FixOptions): Fixed {
  const { pairs, broken = () => [], outOfTime = () => false, mustStop = () => false, patience = 4 } = options;
  const before = openScenes(snapshot);
  const brokenBefore = new Set(broken(snapshot));
  const cutters = new WeakMap<Scene, (arc: Arc) => readonly Change[]>();
  const cutsOf = ({ scenes, scene }: Place, arc: Arc): readonly Change[] => {
    let cutter = cutters.get(scene);
    if (!cutter) cutters.set(scene, (cutter = cutsIn(scenes, scene)));
    return cutter(arc);
  };
  const changes = new Map<string, Change>();
  const constraints: Constraint[] = [];
  const proof: { readonly path: readonly string[]; readonly cuts: readonly string[] }[] = [];
  const forbidden: ReadonlySet<string>[] = [];
  const excluded: { readonly changes: readonly string[]; readonly claims: readonly string[] }[] = [];
  const isAllowed = ({ id }: Change): boolean => !forbidden.some((set) => set.size === 1 && set.has(id));
  let bound = 0;
  let best: readonly Change[] | undefined;
  let chosen: readonly Change[] = [];
  let exact = true;
  let hasSeeds = false;

  for (let round = 0; ; round++) {
    if (!hasSeeds && (round >= patience || outOfTime())) {
      hasSeeds = true;
      best = seeded();
      const fewest = smallestHittingSet({ constraints, forbidden: [], stop: mustStop });
      if (fewest?.exact) bound = Math.max(bound, fewest.chosen.length);
      if (best && best.length <= bound) return answer('fixed', best);
    }
    const left = pathLeft(chosen);
    if (left === 'stopped') return finish();
    if (!left) {
      if (keepsClaims(chosen)) return answer('fixed', best && best.length < chosen.length ? best : chosen);
    } else if (note(left, chosen).length === 0 && left.known) {
      const says = `no change considered takes this path away: ${writtenPath(left).join(', ')}`;
      return answer('impossible', [], [says]);
    }
    if (mustStop() || (best && outOfTime())) return finish();
    if (outOfTime()) exact = false;
    const next = exact ? smallestHittingSet({ constraints, forbidden, stop: outOfTime }) : greedy(chosen);
    if (!next)
      return answer(
        'impossible',
        [],
        ['every set of changes that takes the paths away breaks a claim, or opens another'],
      );
    if (exact && next.exact) bound = Math.max(bound, next.chosen.length);
    else if (best) return finish();
    else exact = false;
    if (best && best.length <= bound) return answer('fixed', best);
    chosen = next.chosen.flatMap(({ id }) => changes.get(id) ?? []);
  }

  /** A path that is left after changes: one of those known, or one that the changes open. */
  function pathLeft(made: readonly Change[]): (Found & { readonly known: boolean }) | 'stopped' | undefined {
    const known = findPath(before, pairs, mustStop, made.length === 0 ? undefined : cutBy(made, cutsOf));
    if (known === 'stopped') return known;
    if (known) return { ...known, known: true };
    if (made.length === 0) return undefined;
    const found = findPath(scenesWith(before, made), pairs, mustStop);
    return found && found !== 'stopped' ? { ...found, known: false } : found;
  }

  /** Notes that a path needs one of its cuts, and returns them. */
  function note({ known, ...found }: Found & { readonly known: boolean }, made: readonly Change[]): readonly Change[] {
    const all = found.proof.flatMap((arc) => cutsOf(found, arc));
    const cuts = [...new Map(all.map((one) => [one.id, one])).values()];
    for (const one of cuts) changes.set(one.id, one);
    constraints.push({ choices: cuts, given: known ? new Set() : new Set(made.map(({ id }) => id)) });
    if (known) {
      proof.push({ path: writtenPath(found), cuts: cuts.map(({ says }) => says) });
      const unconditional = constraints.filter(({ given }) => given.size === 0);
      bound = Math.max(bound, disjoint(unconditional.map(({ choices }) => choices)));
    }
    return cuts;
  }

  /** Whether changes break no claim; a set that does is not chosen again. */
  function keepsClaims(made: readonly Change[]): boolean {
    if (!options.broken) return true;
    const breaks = (some: readonly Change[]): readonly string[] =>
      broken(withChanges(snapshot, some)).filter((claim) => !brokenBefore.has(claim));
    const claims = breaks(made);
    if (claims.length === 0) return true;
    const culprit = made.find((one) => breaks([one]).length > 0);
    const set = culprit ? [culprit] : made;
    forbidden.push(new Set(set.map(({ id }) => id)));
    excluded.push({ changes: set.map(({ says }) => says), claims });
    return false;
  }

  /** A set that does, from a minimal cut for each pair; undefined when none was found in time. */
  function seeded(): readonly Change[] | undefined {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const made = new Map<string, Change>();
      for (const pair of pairs) {
        const scene = before.sceneFor(pair.from, pair.to);
        const { graph, world } = scene;
        const { goal, footholds, isGoal } = endsOf(pair, scene);
        const place = { scenes: before, scene };
        const candidates = memoised((arc: Arc) => changesOf(arc, graph, world).some(isAllowed));
        const found = separate({
          graph,
          footholds,
          isGoal,
          mayBeCut: candidates,
          cutsOf: (arc) => cutsOf(place, arc).filter(isAllowed),
          mustStop,
        });
        if (!found) return undefined;
        for (const change of found.changes) made.set(change.id, change);
        if (attempt > 0) continue;
        for (const path of found.proofs.slice(0, MOST_PROOFS)) {
          if (mustStop()) return undefined;
          note({ ...place, goal, proof: path, known: true }, []);
        }
      }
      const whole = completed([...made.values()]);
      if (!whole || keepsClaims(whole)) return whole;
    }
    return undefined;
  }

  /** The changes and those that paths still need which they leave. */
  function completed(made: readonly Change[]): readonly Change[] | undefined {
    for (;;) {
      const left = pathLeft(made);
      if (!left) return made;
      if (left === 'stopped') return undefined;
      note(left, made);
      const next = greedy(made);
      if (!next) return undefined;
      made = next.chosen.flatMap(({ id }) => changes.get(id) ?? []);
    }
  }

  /** Keeps what is chosen and adds the least harmful cut of the newest path. */
  function greedy(made: readonly Change[]): ReturnType<typeof smallestHittingSet> {
    const ids = new Set(made.map(({ id }) => id));
    const pick = (constraints.at(-1)?.choices ?? [])
      .flatMap(({ id }) => changes.get(id) ?? [])
      .filter((one) => !ids.has(one.id) && isAllowed(one))
      .toSorted((a, b) => a.harm - b.harm)[0];
    return pick && { chosen: [...made, pick], exact: false };
  }

  function finish(): Fixed {
    return best ? answer('fixed', best) : answer('unfinished', chosen, ['there are paths left, and no time']);
  }

  function answer(
    outcome: 'fixed' | 'impossible' | 'unfinished',
    made: readonly Change[],
    because: readonly string[] = [],
  ): Fixed {
    const upper = outcome === 'fixed' ? { upperBound: made.length, gap: Math.max(0, made.length - bound) } : {};
    const fix: FixSet = {
      outcome: outcome === 'fixed' && made.length === 0 ? 'nothing' : outcome,
      changes: made.map(shown),
      lowerBound: bound,
      ...upper,
      minimal: outcome === 'fixed' && made.length <= bound,
      proof,
      verified: outcome === 'fixed',
      excluded,
      because,
    };
    return {
      fix,
      get after() {
        return withChanges(snapshot, made);
      },
    };
  }
}

function memoised<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}

function shown({ object, field, action, value, also, says }: Change): FixChange {
  return {
    object: namesOf(object),
    field,
    action,
    ...(value === undefined ? {} : { value }),
    ...(also === undefined ? {} : { also }),
    says,
  };
}

function namesOf({ kind, namespace, name }: ObjectRef): FixChange['object'] {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}
