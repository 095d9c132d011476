/** A small generator with a seed (mulberry32): the same seed gives the same numbers on every machine. */
export function seededRng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The items in random order (Fisher and Yates); the input is left alone. */
export function shuffled<T>(items: readonly T[], rng: () => number): readonly T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = Math.floor(rng() * (last + 1));
    const moved = order[last] as T;
    order[last] = order[chosen] as T;
    order[chosen] = moved;
  }
  return order;
}
