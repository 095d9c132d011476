import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { snapshotOfYaml } from '../../testing/snapshot-of-yaml.ts';
import { CHECKS } from './checks/index.ts';
import { createContext } from './context.ts';
import type { Check } from './define-check.ts';
import { ATTACK_TECHNIQUES, CIS_RECOMMENDATIONS, NSA_CHAPTERS, OWASP_RISKS } from './frameworks.ts';

const DOCS = join(import.meta.dirname, '../../../docs/checks');
const HEADINGS = [
  'What it is',
  'Why it matters',
  'How to see it by hand',
  'How to fix it',
  'When to accept it',
  'References',
];

function pageOf(check: Check): string {
  return readFileSync(join(DOCS, `${check.id}.md`), 'utf8');
}

/** The manifests of a page that are labelled `# fails` or `# passes`. */
function examplesOf(check: Check, label: 'fails' | 'passes'): readonly string[] {
  return [...pageOf(check).matchAll(/```yaml\n# (fails|passes)\n([^`]*)```/g)].flatMap(([, found, yaml]) =>
    found === label && yaml !== undefined ? [yaml] : [],
  );
}

function verdicts(check: Check, yaml: string): readonly string[] {
  return [...check.evaluate(createContext(snapshotOfYaml(yaml)))].map((result) => result.verdict);
}

describe('the catalogue', () => {
  test('is every file of the folder, sorted by id, each id once', () => {
    const files = readdirSync(join(import.meta.dirname, 'checks')).filter(
      (f) => !f.includes('test') && f !== 'index.ts',
    );
    expect(CHECKS.map((check) => `${check.id}.ts`)).toEqual(files.sort());
  });

  test('every page of documentation belongs to a check', () => {
    expect(readdirSync(DOCS).sort()).toEqual(CHECKS.map((check) => `${check.id}.md`));
  });
});

describe.each(CHECKS.map((check) => [check.id, check] as const))('%s', (_, check) => {
  test('has a page with the fixed headings, in order', () => {
    const page = pageOf(check);
    expect(page.startsWith(`# ${check.id}\n\n${check.title}.\n`)).toBe(true);
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
  });

  test('refers to techniques and recommendations that exist', () => {
    const { attack = [], owasp = [], cis = [], nsa = [] } = check.frameworks;
    expect(attack.filter((id) => !(id in ATTACK_TECHNIQUES))).toEqual([]);
    expect(owasp.filter((id) => !(id in OWASP_RISKS))).toEqual([]);
    expect(cis.filter((id) => !(id in CIS_RECOMMENDATIONS))).toEqual([]);
    expect(nsa.filter((id) => !(id in NSA_CHAPTERS))).toEqual([]);
  });

  test('fails on the examples of its page that are labelled so', () => {
    const examples = examplesOf(check, 'fails');
    expect(examples.length).toBeGreaterThan(0);
    for (const yaml of examples) expect(verdicts(check, yaml)).toContain('fail');
  });

  test('passes on what its page says is fixed', () => {
    const examples = examplesOf(check, 'passes');
    expect(examples.length).toBeGreaterThan(0);
    for (const yaml of examples) {
      expect(verdicts(check, yaml)).not.toContain('fail');
      expect(verdicts(check, yaml)).not.toContain('unknown');
    }
  });

  test('says unknown, and passes nothing silently, when what it reads is unreadable', () => {
    const gaps = check.reads.map((kind) => ({
      kind,
      reason: 'forbidden' as const,
      detail: `no ${kind}`,
      remedy: 'ask',
    }));
    const results = [...check.evaluate(createContext(snapshotOfYaml('', { gaps })))];
    expect(results.length).toBeGreaterThan(0);
    expect(results.map((result) => result.verdict)).not.toContain('pass');
    expect(results.map((result) => result.verdict)).toContain('unknown');
  });

  test('every result has a sentence and a reason', () => {
    for (const yaml of [...examplesOf(check, 'fails'), ...examplesOf(check, 'passes')]) {
      for (const result of check.evaluate(createContext(snapshotOfYaml(yaml)))) {
        expect(result.check).toBe(check.id);
        expect(result.message).not.toMatch(/undefined|NaN|\[object/);
        expect(result.because.length).toBeGreaterThan(0);
      }
    }
  });
});
