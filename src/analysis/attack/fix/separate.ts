import { closure, proofOf } from '../graph/closure.ts';
import type { Arc, AttackGraph } from '../graph/graph.ts';
import { minCut } from './min-cut.ts';
import type { Change } from './change.ts';

export interface SeparationInput {
  readonly graph: AttackGraph;
  readonly footholds: readonly number[];
  readonly isGoal: (node: number) => boolean;
  /** Whether some change may take a hop away; asked of many hops. */
  readonly mayBeCut: (arc: Arc) => boolean;
  /** The changes that do; asked of few. */
  readonly cutsOf: (arc: Arc) => readonly Change[];
  readonly mustStop: () => boolean;
}

export interface Separation {
  /** After these changes no known chain of hops leads from a foothold to the goal. */
  readonly changes: readonly Change[];
  /** Ways to the goal, with all their premises, that share few hops. */
  readonly proofs: readonly (readonly Arc[])[];
}

/** Nodes looked at; what lies further is taken to lead to the goal. */
const MOST_NODES = 8_000;

/**
 * Changes that separate the footholds from the goal, though not always the fewest: every hop is taken as a way from one of its
 * premises, as if the others were held, and counts for a change of its own. That is a minimal cut of a
 * network, found in polynomial time where the smallest set of changes is not. Undefined when some way has no hop that can
 * be cut, or time is out.
 */
export function separate(input: SeparationInput): Separation | undefined {
  const { graph, footholds, isGoal, mayBeCut, cutsOf, mustStop } = input;
  // Who holds what leads to the goal by a hop nobody can cut has the goal: nothing beyond need be looked at.
  const ends = new Set<number>();
  const isEnd = (node: number): boolean => {
    if (!isGoal(node) && !graph.arcsFrom(node).some((arc) => isGoal(arc.to) && arc.and.length === 0 && !mayBeCut(arc)))
      return false;
    ends.add(node);
    return true;
  };
  let looked = 0;
  const { held, stopped = false } = closure(graph, {
    footholds,
    openToo: true,
    everyNode: true,
    notBeyond: (node) => ++looked > MOST_NODES || isEnd(node),
    stop: () => looked > MOST_NODES || mustStop(),
  });
  if (mustStop()) return undefined;
  const expanded = [...held.keys()].slice(0, MOST_NODES).filter((node) => !ends.has(node));
  const hops = expanded.flatMap((node) => graph.arcsFrom(node));
  const certain = hops.filter(({ and }) => and.every((premise) => held.has(premise)));
  const within = stopped ? new Set([...expanded, ...ends]) : undefined;
  // A right of one requester is a premise only: nothing starts there.
  const leadsOn = (node: number): boolean => within?.has(node) === false && graph.nodeOf(node).by === undefined;
  const beyond = hops.map(({ to }) => to).filter(leadsOn);
  const paths =
    cutBetween(
      certain.filter((arc) => !within || within.has(arc.to)),
      ends,
    )?.paths ?? [];
  const cut = cutBetween(stopped ? hops : certain, new Set([...ends, ...beyond]))?.cut;
  return cut && { changes: cover(cut.map(cutsOf)), proofs: paths.map(withPremises) };

  /** The fewest hops between the footholds and some nodes, which changes really take away. */
  function cutBetween(all: readonly Arc[], targets: ReadonlySet<number>) {
    const arcs = leadingTo(targets, all, tailOf);
    const numbers = numbered([...footholds, ...arcs.flatMap((arc) => [tailOf(arc), arc.to])]);
    const at = (node: number): number => numbers.get(node) ?? 0;
    const fixed = new Set<Arc>();
    while (!mustStop()) {
      const network = arcs.map((arc) => ({
        from: at(tailOf(arc)),
        to: at(arc.to),
        cuttable: !fixed.has(arc) && mayBeCut(arc),
      }));
      const sinks = [...targets].filter((end) => numbers.has(end)).map(at);
      const found = minCut(numbers.size, network, [...new Set(footholds)].map(at), sinks);
      if (!found) return undefined;
      const chosen = found.cut.flatMap((index) => arcs[index] ?? []);
      const hopeless = chosen.filter((arc) => cutsOf(arc).length === 0);
      if (hopeless.length === 0)
        return { cut: chosen, paths: found.paths.map((path) => path.flatMap((index) => arcs[index] ?? [])) };
      for (const arc of hopeless) fixed.add(arc);
    }
    return undefined;
  }

  /** The premise a hop is taken to start from: the right itself where one requester needs it, since nobody loses his name. */
  function tailOf({ and, from }: Arc): number {
    return and.findLast((premise) => graph.nodeOf(premise).by !== undefined) ?? from;
  }

  function withPremises(path: readonly Arc[]): readonly Arc[] {
    return [...new Set([...path.flatMap(({ and }) => and.flatMap((premise) => proofOf(held, premise))), ...path])];
  }
}

/** Those on some way to an end. */
function leadingTo(ends: Iterable<number>, arcs: readonly Arc[], tailOf: (arc: Arc) => number): readonly Arc[] {
  const into = Map.groupBy(arcs, ({ to }) => to);
  const lead = new Set(ends);
  const ahead = [...ends];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    for (const tail of (into.get(node) ?? []).map(tailOf)) {
      if (lead.has(tail)) continue;
      lead.add(tail);
      ahead.push(tail);
    }
  }
  return arcs.filter(({ to }) => lead.has(to));
}

function numbered(nodes: Iterable<number>): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  for (const node of nodes) if (!numbers.has(node)) numbers.set(node, numbers.size);
  return numbers;
}

/** Changes that hit every list of choices: first the one that hits most, of those the least harmful. */
export function cover(choices: readonly (readonly Change[])[]): readonly Change[] {
  const chosen: Change[] = [];
  let left = choices;
  while (left.length > 0) {
    const count = new Map<string, { readonly change: Change; hits: number }>();
    for (const change of left.flat()) {
      const known = count.get(change.id);
      if (known) known.hits++;
      else count.set(change.id, { change, hits: 1 });
    }
    const [best] = [...count.values()].sort((a, b) => b.hits - a.hits || a.change.harm - b.change.harm);
    if (!best) return chosen;
    chosen.push(best.change);
    left = left.filter((one) => !one.some(({ id }) => id === best.change.id));
  }
  return chosen;
}
