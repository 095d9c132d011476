import { fileURLToPath } from 'node:url';

/** `.ts` when run from source, `.js` when run from what `tsc` emitted: programs are started the way we were. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The directory that holds `lab/` and `agent/`. */
export const SOURCE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A program of this package, relative to its source root and without extension: `lab/host/main`. */
export function programFile(name: string): string {
  return `${name}${EXTENSION}`;
}

export function programPath(name: string): string {
  return SOURCE_ROOT + programFile(name);
}
