import { BucketQueue } from './bucket-queue.ts';
import type { Arc, AttackGraph } from './graph.ts';

/** The cheapest way found to hold a node. */
export interface Derivation {
  readonly node: number;
  /** Sum of the costs of all hops of the proof, counted once for each use (Knuth's superior function). */
  readonly cost: number;
  /** Absent for a foothold. */
  readonly by?: Arc;
}

export interface ClosureOptions {
  readonly footholds: readonly number[];
  /** Also takes hops with an open premise. */
  readonly openToo: boolean;
  /** Leaves hops out. */
  readonly without?: (arc: Arc) => boolean;
  /** Also looks at nodes that give no more than others held: with hops left out, those others may give less. */
  readonly everyNode?: boolean;
  /** Stops once such a node is held. */
  readonly until?: (node: number) => boolean;
  /** Nodes from which nothing further is looked for. */
  readonly notBeyond?: (node: number) => boolean;
  /** True when there is no time left; asked now and then. */
  readonly stop?: () => boolean;
  /** What the last hop to such a node costs at least (default 0): it is then known sooner that no way is cheaper. */
  readonly lastHop?: number;
}

export interface Closure {
  readonly held: ReadonlyMap<number, Derivation>;
  /** The node `until` stopped at. */
  readonly reached?: Derivation;
  /** `stop` ended it early: more may come to be held. */
  readonly stopped?: true;
  /** Hops that start where the intruder is and wait for a premise nobody came to hold, by that premise. */
  readonly waiting: ReadonlyMap<number, readonly WaitingHop[]>;
}

export interface WaitingHop {
  readonly arc: Arc;
  missing: number;
}

/** Nodes between two looks at the clock. */
const ASK_EVERY = 256;

/**
 * All an intruder can come to hold, each with its cheapest proof: forward chaining over and/or hops in the order
 * of cost (Knuth 1977, the generalisation of Dijkstra's algorithm to superior functions). A hop waits until its
 * last premise is held. Linear in the hops that start at nodes that are held; costs are whole numbers.
 */
export function closure(graph: AttackGraph, options: ClosureOptions): Closure {
  const { openToo, without, everyNode = false, until, notBeyond, stop, lastHop = 0 } = options;
  let best: Derivation | undefined;
  const held = new Map<number, Derivation>();
  const queue = new BucketQueue<Derivation>();
  const waiting = new Map<number, WaitingHop[]>();
  for (const node of options.footholds) queue.push({ node, cost: 0 }, 0);

  const offer = (arc: Arc): void => {
    if (held.has(arc.to)) return;
    let cost = arc.edge.cost + (held.get(arc.from)?.cost ?? 0);
    for (const premise of arc.and) cost += held.get(premise)?.cost ?? 0;
    const found: Derivation = { node: arc.to, cost, by: arc };
    queue.push(found, cost);
    if (until?.(arc.to) && cost < (best?.cost ?? Infinity)) best = found;
  };

  for (let next = queue.pop(); next; next = queue.pop()) {
    if (best && best.cost <= next.cost + lastHop) next = best;
    const { node } = next;
    if (held.has(node)) continue;
    held.set(node, next);
    if (until?.(node)) return { held, waiting, reached: next };
    if (stop && held.size % ASK_EVERY === 0 && stop()) return { held, waiting, stopped: true };
    for (const one of waiting.get(node) ?? []) if (--one.missing === 0) offer(one.arc);
    waiting.delete(node);
    if (notBeyond?.(node)) continue;
    if (!everyNode && graph.dominatorsOf(node).some((other) => held.has(other))) continue;
    for (const arc of graph.arcsFrom(node)) {
      if ((arc.open !== undefined && !openToo) || without?.(arc)) continue;
      const missing = arc.and.filter((premise) => !held.has(premise));
      if (missing.length === 0) {
        offer(arc);
        continue;
      }
      const one: WaitingHop = { arc, missing: missing.length };
      for (const premise of missing) {
        const others = waiting.get(premise);
        if (others) others.push(one);
        else waiting.set(premise, [one]);
      }
    }
  }
  return { held, waiting };
}

/** The hops of the cheapest proof of a node, each after the hops it rests on, none twice. */
export function proofOf(held: ReadonlyMap<number, Derivation>, goal: number): readonly Arc[] {
  const done = new Set<number>();
  const arcs: Arc[] = [];
  const visit = (node: number): void => {
    if (done.has(node)) return;
    done.add(node);
    const by = held.get(node)?.by;
    if (!by) return;
    visit(by.from);
    for (const premise of by.and) visit(premise);
    arcs.push(by);
  };
  visit(goal);
  return arcs;
}
