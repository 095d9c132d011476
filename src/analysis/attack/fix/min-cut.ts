/** An arc of a network of numbered nodes; only arcs that are `cuttable` may be cut, each for one. */
export interface NetworkArc {
  readonly from: number;
  readonly to: number;
  readonly cuttable: boolean;
}

export interface MinCut {
  /** Indexes of the fewest arcs without which no source leads to a sink. */
  readonly cut: readonly number[];
  /** As many paths, as indexes of their arcs, no two of which share an arc that is cuttable. */
  readonly paths: readonly (readonly number[])[];
}

/** More than any cut of arcs counted for one. */
const UNCUTTABLE = 1 << 28;

/**
 * The fewest arcs that separate sources from sinks, and as many disjoint paths that show that fewer don't (Menger; by Dinic's
 * algorithm, on typed arrays). Undefined when some path has no arc that may be cut.
 */
export function minCut(
  nodes: number,
  arcs: readonly NetworkArc[],
  sources: readonly number[],
  sinks: readonly number[],
): MinCut | undefined {
  const source = nodes;
  const sink = nodes + 1;
  const all = [
    ...sources.map((to) => ({ from: source, to, cuttable: false })),
    ...sinks.map((from) => ({ from, to: sink, cuttable: false })),
  ];
  const first = all.length;
  const count = first + arcs.length;
  // Arc 2i is arc i, arc 2i + 1 its way back.
  const head = new Int32Array(nodes + 2).fill(-1);
  const next = new Int32Array(2 * count);
  const to = new Int32Array(2 * count);
  const left = new Int32Array(2 * count);
  const add = (index: number, arc: NetworkArc): void => {
    link(2 * index, arc.from, arc.to, arc.cuttable ? 1 : UNCUTTABLE);
    link(2 * index + 1, arc.to, arc.from, 0);
  };
  const link = (slot: number, from: number, target: number, capacity: number): void => {
    to[slot] = target;
    left[slot] = capacity;
    next[slot] = head[from] ?? -1;
    head[from] = slot;
  };
  all.forEach((arc, index) => add(index, arc));
  arcs.forEach((arc, index) => add(first + index, arc));

  const level = new Int32Array(nodes + 2);
  const queue = new Int32Array(nodes + 2);
  const rank = (): boolean => {
    level.fill(-1);
    level[source] = 0;
    queue[0] = source;
    for (let read = 0, written = 1; read < written; read++) {
      const node = queue[read] ?? 0;
      for (let slot = head[node] ?? -1; slot >= 0; slot = next[slot] ?? -1) {
        const target = to[slot] ?? 0;
        if ((left[slot] ?? 0) === 0 || (level[target] ?? 0) >= 0) continue;
        level[target] = (level[node] ?? 0) + 1;
        queue[written++] = target;
      }
    }
    return (level[sink] ?? -1) >= 0;
  };
  let flow = 0;
  while (rank()) {
    const current = head.slice();
    for (let pushed = augment(current); pushed > 0; pushed = augment(current)) {
      flow += pushed;
      if (flow >= UNCUTTABLE) return undefined;
    }
  }
  const reached = (node: number): boolean => (level[node] ?? -1) >= 0;
  const cut = arcs.flatMap((arc, index) => (arc.cuttable && reached(arc.from) && !reached(arc.to) ? [index] : []));
  return { cut, paths: decompose(flow) };

  /** Pushes one path's worth along arcs to the next level, without recursion; 0 when none is left. */
  function augment(current: Int32Array): number {
    const path: number[] = [];
    let node = source;
    while (node !== sink) {
      let slot = current[node] ?? -1;
      while (slot >= 0 && ((left[slot] ?? 0) === 0 || level[to[slot] ?? 0] !== (level[node] ?? 0) + 1))
        slot = next[slot] ?? -1;
      current[node] = slot;
      if (slot >= 0) {
        path.push(slot);
        node = to[slot] ?? 0;
        continue;
      }
      const back = path.pop();
      if (back === undefined) return 0;
      node = to[back ^ 1] ?? 0;
      current[node] = next[current[node] ?? -1] ?? -1;
    }
    const amount = Math.min(...path.map((slot) => left[slot] ?? 0));
    for (const slot of path) {
      left[slot] = (left[slot] ?? 0) - amount;
      left[slot ^ 1] = (left[slot ^ 1] ?? 0) + amount;
    }
    return amount;
  }

  /** Takes the flow apart into paths; circles in it are left where they are. */
  function decompose(amount: number): readonly (readonly number[])[] {
    const paths: (readonly number[])[] = [];
    for (let taken = 0; taken < amount; taken++) {
      const path: number[] = [];
      const seen = new Map<number, number>([[source, 0]]);
      let node = source;
      while (node !== sink) {
        let slot = head[node] ?? -1;
        while (slot >= 0 && (slot % 2 === 1 || (left[slot ^ 1] ?? 0) === 0)) slot = next[slot] ?? -1;
        if (slot < 0) return paths;
        left[slot ^ 1] = (left[slot ^ 1] ?? 0) - 1;
        path.push(slot);
        node = to[slot] ?? 0;
        const before = seen.get(node);
        if (before !== undefined) {
          for (const gone of path.splice(before)) seen.delete(to[gone] ?? 0);
        }
        seen.set(node, path.length);
      }
      paths.push(path.map((slot) => slot / 2 - first).filter((index) => index >= 0));
    }
    return paths;
  }
}
