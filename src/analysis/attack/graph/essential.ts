import type { Arc, AttackGraph } from './graph.ts';

export interface EssentialQuestion {
  readonly footholds: readonly number[];
  readonly openToo: boolean;
  readonly isGoal: (node: number) => boolean;
  /** Numbers of the objects asked about: those of one proof, since no other can be essential. */
  readonly candidates: readonly number[];
  /** Leaves hops out. */
  readonly without?: (arc: Arc) => boolean;
}

/** Objects asked about at once: bits of one small integer. */
const AT_ONCE = 30;

/** Room for nodes that nobody came to before. */
const MORE_NODES = 1024;

/** Those of the candidates without which no derivation of the goal is left. */
export function essentialObjects(graph: AttackGraph, question: EssentialQuestion): readonly number[] {
  const { candidates } = question;
  const found: number[] = [];
  for (let start = 0; start < candidates.length; start += AT_ONCE) {
    const some = candidates.slice(start, start + AT_ONCE);
    const avoidable = avoidableOf(graph, question, some);
    some.forEach((object, bit) => (avoidable & (1 << bit)) === 0 && found.push(object));
  }
  return found;
}

/**
 * Bit i is set when the goal can be derived without object i. One least fixpoint for all of them: a node's bits are, over its
 * hops, the union of the intersection of the bits of the premises, less those of the objects the hop needs. A node whose bits
 * the goal has already, or nodes that give as much, can add nothing (a hop gives no more bits than its premises have), so it is not
 * looked at further.
 */
function avoidableOf(graph: AttackGraph, question: EssentialQuestion, objects: readonly number[]): number {
  const { footholds, openToo, isGoal, without } = question;
  const every = 2 ** objects.length - 1;
  const bitOf = new Map(objects.map((object, bit) => [object, 1 << bit]));
  // By node; nodes that are found on the way are numbered on.
  let bits = new Int32Array(graph.nodes + MORE_NODES);
  const dependents = new Map<number, Arc[]>();
  const expanded = new Set<number>();
  let queue: number[] = [];
  let goal = 0;

  const raise = (node: number, more: number): void => {
    const before = bits[node] ?? 0;
    if ((more & ~before) === 0) return;
    if (node >= bits.length) {
      const larger = new Int32Array(node + bits.length);
      larger.set(bits);
      bits = larger;
    }
    bits[node] = before | more;
    if (isGoal(node)) goal |= more;
    queue.push(node);
  };
  const apply = (arc: Arc): void => {
    let left = bits[arc.from] ?? 0;
    for (const premise of arc.and) left &= bits[premise] ?? 0;
    for (const object of arc.needs) left &= ~(bitOf.get(object) ?? 0);
    if (left !== 0) raise(arc.to, left);
  };

  for (const node of footholds) raise(node, every);
  while (queue.length > 0) {
    const round = queue;
    queue = [];
    for (const node of round) {
      // So once the goal has every bit, nothing is looked at any more.
      let useless = goal;
      if (!without) for (const other of graph.dominatorsOf(node)) useless |= bits[other] ?? 0;
      if (((bits[node] ?? 0) & ~useless) === 0) continue;
      for (const arc of graph.arcsFrom(node)) {
        if ((arc.open !== undefined && !openToo) || without?.(arc)) continue;
        if (!expanded.has(node)) {
          for (const premise of arc.and) {
            const others = dependents.get(premise);
            if (others) others.push(arc);
            else dependents.set(premise, [arc]);
          }
        }
        apply(arc);
      }
      expanded.add(node);
      for (const arc of dependents.get(node) ?? []) apply(arc);
    }
  }
  return goal;
}
