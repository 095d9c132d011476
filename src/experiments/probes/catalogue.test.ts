import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROBES } from './index.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs', 'probes');

test('every probe has its page, and every page its probe', () => {
  const pages = readdirSync(DOCS).map((file) => file.replace(/\.md$/, ''));
  expect(pages.sort()).toEqual(PROBES.map(({ id }) => id).sort());
});

test.each(PROBES.map((probe) => [probe.id, probe] as const))('%s: its page says what it needs', (id, { needs }) => {
  const page = readFileSync(join(DOCS, `${id}.md`), 'utf8');
  expect(page).toMatch(new RegExp(`^# ${id}$`, 'm'));
  const bare = page.replaceAll('`', '');
  for (const need of needs) expect(bare).toContain(need);
  for (const heading of ['What it looks at', 'What it answers', "When it can't tell", 'By hand'])
    expect(page).toContain(`## ${heading}`);
});
