import type { Protocol } from './types.ts';

/** Sorted, disjoint, non-adjacent inclusive ranges within 1-65535. */
export type PortRanges = readonly (readonly [from: number, to: number])[];

/** The ports of each protocol; a protocol without an entry has none. */
export type PortSet = Readonly<Partial<Record<Protocol, PortRanges>>>;
