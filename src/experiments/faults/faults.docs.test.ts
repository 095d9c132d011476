import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ExperimentSchema } from '../schema.ts';
import { FAULTS, faultKey } from './index.ts';

const DOCS = join(import.meta.dirname, '../../../docs');
const SECTIONS = [
  'What it does',
  'What it needs',
  'How it is seen to bite',
  'How it is undone',
  'When the conductor is killed',
];

test('ids are unique, and every fault has a page and every page a fault', () => {
  const ids = FAULTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(readdirSync(join(DOCS, 'faults')).sort()).toEqual(ids.map((id) => `${id}.md`).sort());
});

describe.each(FAULTS.map(({ id }) => id))('the page of %s', (id) => {
  const page = readFileSync(join(DOCS, 'faults', `${id}.md`), 'utf8');

  test('says how it ends and what it needs', () => {
    expect(page.startsWith(`# ${id}\n`)).toBe(true);
    for (const section of SECTIONS) expect(page).toContain(`\n## ${section}\n`);
  });

  test('shows an example that an experiment takes', () => {
    const example = /## Example\n\n```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const faults = parse(example) as readonly Record<string, unknown>[];
    expect(faults.map((fault) => Object.keys(fault))).toEqual([[faultKey(id)]]);
    const parsed = ExperimentSchema.safeParse({
      apiVersion: 'seaworthy.dev/v1alpha1',
      kind: 'Experiment',
      metadata: { name: 'example' },
      spec: { hypothesis: [{ claim: 'c' }], faults, blastRadius: { namespaces: ['shop'] } },
    });
    expect(parsed.error?.issues ?? []).toEqual([]);
  });
});
