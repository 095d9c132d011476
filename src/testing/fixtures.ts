import { existsSync } from 'node:fs';
import { join } from 'node:path';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared', 'fixtures');

/** The path of a recorded fixture that is kept beside the project, or undefined where it is not there. */
export function fixture(path: string): string | undefined {
  const found = join(SHARED, path);
  return existsSync(found) ? found : undefined;
}
