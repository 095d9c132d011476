import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const pages = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.md') && !/(^|\/)(node_modules|\.git|dist)\//.test(file),
);

test('every link of the documentation leads somewhere', () => {
  const dead = pages.flatMap((page) => {
    const prose = readFileSync(join(ROOT, page), 'utf8')
      .replace(/^```[^]*?^```/gm, '')
      .replace(/`[^`\n]*`/g, '');
    return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((found) => found[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'))
      .filter((link) => !existsSync(join(ROOT, dirname(page), link.split('#')[0] ?? '')))
      .map((link) => `${page}: ${link}`);
  });
  expect(dead).toEqual([]);
});
