import { shuffled } from './random.ts';

/** Which block of a switchback run has the fault, in order. */
export type Arm = 'on' | 'off';

/**
 * Draws the blocks of a switchback: pairs of one block with the fault and one without, a fair coin deciding the
 * order within each. An odd number of blocks is rounded up, because an unpaired block says nothing.
 */
export function drawBlocks(blocks: number, rng: () => number): readonly Arm[] {
  return Array.from({ length: Math.ceil(blocks / 2) }).flatMap((): readonly Arm[] =>
    rng() < 0.5 ? ['on', 'off'] : ['off', 'on'],
  );
}

/** Splits replicas at random into an experimental and a control group of equal size (the odd one is control). */
export function drawGroups<T>(
  replicas: readonly T[],
  rng: () => number,
): { readonly experimental: readonly T[]; readonly control: readonly T[] } {
  const order = shuffled(replicas, rng);
  const half = Math.floor(order.length / 2);
  return { experimental: order.slice(0, half), control: order.slice(half) };
}
