import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EDGES } from '../../analysis/attack/edges/index.ts';
import { LINTS } from '../../analysis/network/lint/index.ts';
import { CHECK_IDS } from '../../analysis/posture/run-checks.ts';
import { KINDS } from '../../claims/kinds/index.ts';
import { FAULTS } from '../../experiments/faults/index.ts';
import { PROBES } from '../../experiments/probes/index.ts';
import { allPages } from './catalogue.ts';
import { errorPages, readPages } from './pages.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Every SW_ code that some source file uses. */
function codesInUse(): ReadonlySet<string> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  return new Set(
    files.flatMap(
      (file) => readFileSync(join(ROOT, 'src', file), 'utf8').match(/(?<=')SW_[A-Z0-9_]*[A-Z0-9](?=')/g) ?? [],
    ),
  );
}

test('every error code in use has its section, and every section a code in use', async () => {
  const documented = (await readPages(join(ROOT, 'docs'))).filter(({ room }) => room === 'errors').map(({ id }) => id);
  const used = codesInUse();
  expect([...used].filter((code) => !documented.includes(code)).sort()).toEqual([]);
  expect(documented).toEqual([...new Set(documented)]);
});

test('everything a report can name is explained', async () => {
  const pages = new Set((await allPages(join(ROOT, 'docs'))).map(({ id }) => id));
  const named = [
    ...CHECK_IDS,
    ...Object.keys(KINDS).flatMap((kind) => [kind, `claim/${kind}`]),
    ...[...EDGES, ...LINTS, ...PROBES, ...FAULTS].map(({ id }) => id),
    'evidence-disagreement',
    'suppression-expired',
    'suppression-unused',
    'suppression-invalid',
  ];
  expect(named.filter((id) => !pages.has(id))).toEqual([]);
});

test('a page of errors is taken apart at its headings', () => {
  const pages = errorPages('# Errors\n\n## SW_A\nOne.\n\n## Not a code\nx\n\n## SW_B\nTwo.\n');
  expect(pages.map(({ id, text }) => [id, text])).toEqual([
    ['SW_A', '# SW_A\nOne.\n'],
    ['SW_B', '# SW_B\nTwo.\n'],
  ]);
});

test('a folder that is not there has no pages', async () => {
  expect(await readPages(join(ROOT, 'no-such-folder'))).toEqual([]);
});

test('every kind of hop has its page, and every page a kind of hop', async () => {
  const pages = (await readPages(join(ROOT, 'docs'))).filter(({ room }) => room === 'edges').map(({ id }) => id);
  expect(pages.sort()).toEqual(EDGES.map(({ id }) => id).sort());
});
