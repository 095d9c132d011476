import type { EdgeDefinition, Hop } from './define-edge.ts';
import { formatNode, type AttackNode } from './nodes.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { World } from './world.ts';

/** The cheapest way found to hold a node: the hop that gives it, with the nodes it starts from. */
export interface Derivation {
  readonly node: AttackNode;
  /** Sum of the costs of all hops of the proof, counted once for each use (Knuth's superior function). */
  readonly cost: number;
  /** Absent for a foothold. */
  readonly by?: AppliedHop;
}

export interface AppliedHop {
  readonly edge: EdgeDefinition;
  readonly from: AttackNode;
  readonly hop: Hop;
}

export interface ClosureOptions {
  readonly footholds: readonly AttackNode[];
  readonly edges: readonly EdgeDefinition[];
  /** Also takes hops with an open premise. */
  readonly openToo: boolean;
  /** Leaves hops out; used to ask what depends on an object. */
  readonly without?: (hop: AppliedHop) => boolean;
  /** Stops once this node is held. */
  readonly until?: (node: AttackNode) => boolean;
}

/**
 * All an intruder can come to hold, each with its cheapest proof: forward chaining over and/or hops in the order
 * of cost (Knuth 1977, the generalisation of Dijkstra's algorithm to superior functions). A hop waits until its
 * last premise is held. O(H log H) in the hops generated, which are only those from nodes that are held.
 */
export function closure(world: World, options: ClosureOptions): ReadonlyMap<string, Derivation> {
  const held = new Map<string, Derivation>();
  const queue = new PriorityQueue<Derivation>();
  const waiting = new Map<string, Waiting[]>();
  const edgesFrom = Map.groupBy(
    options.edges.flatMap((edge) => edge.from.map((kind) => ({ kind, edge }))),
    ({ kind }) => kind,
  );
  for (const node of options.footholds) queue.push({ node, cost: 0 }, 0);

  const offer = (applied: AppliedHop): void => {
    const id = formatNode(applied.hop.to);
    if (held.has(id)) return;
    const cost =
      applied.edge.cost +
      [applied.from, ...(applied.hop.and ?? [])].reduce(
        (sum, premise) => sum + (held.get(formatNode(premise))?.cost ?? 0),
        0,
      );
    queue.push({ node: applied.hop.to, cost, by: applied }, cost);
  };

  for (let next = queue.pop(); next; next = queue.pop()) {
    const id = formatNode(next.node);
    if (held.has(id)) continue;
    held.set(id, next);
    if (options.until?.(next.node)) break;
    for (const one of waiting.get(id) ?? []) if (--one.missing === 0) offer(one.applied);
    waiting.delete(id);
    for (const { edge } of edgesFrom.get(next.node.kind) ?? []) {
      for (const hop of edge.hops(next.node, world)) {
        const applied: AppliedHop = { edge, from: next.node, hop };
        if ((hop.open !== undefined && !options.openToo) || options.without?.(applied)) continue;
        const missing = new Set((hop.and ?? []).map(formatNode).filter((premise) => !held.has(premise)));
        if (missing.size === 0) {
          offer(applied);
          continue;
        }
        const one: Waiting = { applied, missing: missing.size };
        for (const premise of missing) waiting.set(premise, [...(waiting.get(premise) ?? []), one]);
      }
    }
  }
  return held;
}

interface Waiting {
  readonly applied: AppliedHop;
  missing: number;
}

/** The hops of the cheapest proof of a node, each after the hops it rests on, none twice. */
export function proofOf(held: ReadonlyMap<string, Derivation>, goal: AttackNode): readonly AppliedHop[] {
  const done = new Set<string>();
  const hops: AppliedHop[] = [];
  const visit = (node: AttackNode): void => {
    const id = formatNode(node);
    if (done.has(id)) return;
    done.add(id);
    const by = held.get(id)?.by;
    if (!by) return;
    visit(by.from);
    for (const premise of by.hop.and ?? []) visit(premise);
    hops.push(by);
  };
  visit(goal);
  return hops;
}
