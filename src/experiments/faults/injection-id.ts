import type { Rng } from '../ports.ts';

/** Ten random letters and digits: unique enough within a cluster, short enough for the name of an object. */
export function injectionId(rng: Rng): string {
  return Array.from({ length: 10 }, () => Math.floor(rng() * 36).toString(36)).join('');
}
