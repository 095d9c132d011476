/** Writes schemas/*.schema.json from the zod schemas. `npm run schemas`; a test fails when they are out of date. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMAS } from './schemas.ts';

for (const { file, text } of SCHEMAS()) writeFileSync(join(import.meta.dirname, '..', 'schemas', file), text);
