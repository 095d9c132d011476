/** A box to place, with its size; and the boxes a line is drawn between. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** A line from one box to another, by their ids. */
export interface Line {
  readonly from: string;
  readonly to: string;
}

/** A place in the picture, in pixels from its upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where boxes and lines stand. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Upper left corners, by id. */
  readonly boxes: ReadonlyMap<string, Point>;
  /** For each line, in the order given: from the edge of one box to the facing edge of the other. */
  readonly routes: readonly (readonly Point[])[];
}

/** Room between boxes, in pixels. */
export interface Spacing {
  /** Between two boxes of a layer. */
  readonly across: number;
  /** Between two layers. */
  readonly down: number;
  readonly margin: number;
}

/** One place in a layer: a box, or where a long line passes through (no width of its own). */
interface Slot {
  readonly id: string;
  readonly width: number;
  readonly layer: number;
  x: number;
  readonly above: Slot[];
  readonly below: Slot[];
}

const SWEEPS = 6;

/**
 * Places boxes in layers by their distance from the start (Sugiyama's method): lines point downwards, each box is as many
 * layers down as the longest way to it, layers are ordered by the mean of their neighbours so that few lines cross. A line
 * that would close a circle points upwards and does not count. The same input gives the same picture.
 */
export function layoutOf(boxes: readonly Box[], lines: readonly Line[], spacing: Spacing): Layout {
  const layerOf = layersOf(boxes, lines);
  const slots = new Map<string, Slot>();
  const layers: Slot[][] = [];
  const put = (id: string, width: number, layer: number): Slot => {
    const slot: Slot = { id, width, layer, x: 0, above: [], below: [] };
    (layers[layer] ??= []).push(slot);
    slots.set(id, slot);
    return slot;
  };
  for (const { id, width } of boxes) put(id, width, layerOf.get(id) ?? 0);
  const chains = lines.map(({ from, to }, index) => chainOf(index, slots.get(from), slots.get(to), put));
  order(layers);
  place(layers, spacing.across);

  const heights = layers.map((layer) =>
    Math.max(...layer.map(({ id }) => boxes.find((box) => box.id === id)?.height ?? 0)),
  );
  const tops = heights.map((_, at) =>
    heights.slice(0, at).reduce((sum, one) => sum + one + spacing.down, spacing.margin),
  );
  const left = Math.min(...layers.flat().map(({ x, width }) => x - width / 2)) - spacing.margin;
  const right = Math.max(...layers.flat().map(({ x, width }) => x + width / 2)) + spacing.margin;
  const heightOf = (id: string): number => boxes.find((box) => box.id === id)?.height ?? 0;
  return {
    width: Math.ceil(right - left),
    height: Math.ceil((tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) + spacing.margin),
    boxes: new Map(
      boxes.flatMap(({ id, width }) => {
        const slot = slots.get(id);
        return slot ? [[id, { x: round(slot.x - width / 2 - left), y: tops[slot.layer] ?? 0 }] as const] : [];
      }),
    ),
    routes: chains.map((chain) => {
      const upwards = (chain.at(-1)?.layer ?? 0) < (chain[0]?.layer ?? 0);
      return chain.flatMap((slot, at): readonly Point[] => {
        const [x, top] = [round(slot.x - left), tops[slot.layer] ?? 0];
        const isEnd = at === 0 || at === chain.length - 1;
        const ends = [
          { x, y: top },
          { x, y: top + (isEnd ? heightOf(slot.id) : (heights[slot.layer] ?? 0)) },
        ];
        const [enter, leave] = upwards ? ends.toReversed() : ends;
        return [...(at > 0 && enter ? [enter] : []), ...(at < chain.length - 1 && leave ? [leave] : [])];
      });
    }),
  };
}

/** The layer of each box: one more than the lowest of those it is reached from. */
function layersOf(boxes: readonly Box[], lines: readonly Line[]): ReadonlyMap<string, number> {
  const into = new Map<string, string[]>();
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true;
    if (seen.has(to)) return false;
    seen.add(to);
    return (into.get(to) ?? []).some((before) => leadsTo(from, before, seen));
  };
  for (const { from, to } of lines) {
    if (leadsTo(to, from)) continue;
    into.set(to, [...(into.get(to) ?? []), from]);
  }
  const known = new Map<string, number>();
  const layer = (id: string): number => {
    let found = known.get(id);
    if (found === undefined) {
      found = Math.max(0, ...(into.get(id) ?? []).map((before) => layer(before) + 1));
      known.set(id, found);
    }
    return found;
  };
  for (const { id } of boxes) layer(id);
  return known;
}

/** The slots a line goes through, a slot of no width in each layer between its ends. */
function chainOf(
  index: number,
  from: Slot | undefined,
  to: Slot | undefined,
  put: (id: string, width: number, layer: number) => Slot,
): readonly Slot[] {
  if (!from || !to) return [];
  const step = to.layer > from.layer ? 1 : -1;
  const between = Math.max(0, Math.abs(to.layer - from.layer) - 1);
  const passed = Array.from({ length: between }, (_, n) => put(`line ${index} ${n}`, 0, from.layer + step * (n + 1)));
  const chain = [from, ...passed, to];
  for (const [at, slot] of chain.entries()) {
    const next = chain[at + 1];
    if (!next || next.layer === slot.layer) continue;
    const [upper, lower] = next.layer > slot.layer ? [slot, next] : [next, slot];
    upper.below.push(lower);
    lower.above.push(upper);
  }
  return chain;
}

/** Orders each layer by the mean place of the neighbours above, then below, a few times. */
function order(layers: readonly Slot[][]): void {
  const number = (layer: readonly Slot[]): void => {
    for (const [at, slot] of layer.entries()) slot.x = at;
  };
  for (const layer of layers) number(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map((slot) => [slot, mean(down ? slot.above : slot.below) ?? slot.x]));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      number(layer);
    }
  }
}

/** Gives each slot a place near the mean of its neighbours, keeping order and distance. */
function place(layers: readonly Slot[][], across: number): void {
  const apart = (a: Slot, b: Slot): number => (a.width + b.width) / 2 + across;
  for (const layer of layers) {
    let x = 0;
    for (const [at, slot] of layer.entries()) {
      const before = layer[at - 1];
      x = before ? x + apart(before, slot) : 0;
      slot.x = x;
    }
    const middle = x / 2;
    for (const slot of layer) slot.x -= middle;
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : layers.toReversed()) settle(layer, apart, down);
  }
}

/** Moves the slots of a layer to where they would like to be; those that would overlap share the difference. */
function settle(layer: readonly Slot[], apart: (a: Slot, b: Slot) => number, down: boolean): void {
  const wanted = layer.map((slot) => mean(down ? slot.above : slot.below) ?? slot.x);
  const fromLeft: number[] = [];
  for (const [at, slot] of layer.entries()) {
    const before = layer[at - 1];
    const least = before ? (fromLeft[at - 1] ?? 0) + apart(before, slot) : -Infinity;
    fromLeft.push(Math.max(wanted[at] ?? 0, least));
  }
  const fromRight: number[] = [];
  for (let at = layer.length - 1; at >= 0; at--) {
    const [slot, after] = [layer[at], layer[at + 1]];
    const most = slot && after ? (fromRight[0] ?? 0) - apart(slot, after) : Infinity;
    fromRight.unshift(Math.min(wanted[at] ?? 0, most));
  }
  for (const [at, slot] of layer.entries()) slot.x = ((fromLeft[at] ?? 0) + (fromRight[at] ?? 0)) / 2;
}

function mean(slots: readonly Slot[]): number | undefined {
  return slots.length === 0 ? undefined : slots.reduce((sum, { x }) => sum + x, 0) / slots.length;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
