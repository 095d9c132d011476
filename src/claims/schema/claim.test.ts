import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SCHEMAS } from '../../../scripts/schemas.ts';

test.each(SCHEMAS())('schemas/$file is current (npm run schemas)', ({ file, text }) => {
  expect(readFileSync(join(import.meta.dirname, '..', '..', '..', 'schemas', file), 'utf8')).toBe(text);
});
