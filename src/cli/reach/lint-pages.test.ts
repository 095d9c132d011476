import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseNetwork } from '../../analysis/network/index.ts';
import { LINTS, runLints, type LintResult } from '../../analysis/network/lint/index.ts';
import { snapshotOfYaml } from '../../testing/snapshot-of-yaml.ts';
import { lintScreen } from '../../report/reach/lint-screen.ts';

/** The pages of the lints are their cases: what a page says is found is found, in those words, and its fix works. */
const PAGES = join(import.meta.dirname, '../../../docs/network/lints');

function lint(yaml: string): readonly LintResult[] {
  const snapshot = snapshotOfYaml(yaml);
  return runLints(LINTS, { snapshot, analysis: analyseNetwork(snapshot) });
}

function blocksOf(page: string, mark: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^${mark}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block);
}

function blockOf(page: string, mark: string): string {
  return blocksOf(page, mark)[0] ?? '';
}

describe.each(LINTS)('$id', ({ id, title }) => {
  const file = join(PAGES, `${id}.md`);
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const found = lint(blockOf(page, '```yaml\n# fires')).filter((result) => result.lint === id);

  test('fires on its case, in the words of its page', () => {
    expect(page.startsWith(`# ${id}\n\n${title}.\n`)).toBe(true);
    expect(found.length).toBeGreaterThan(0);
    expect(blockOf(page, '```text')).toBe(lintScreen(found));
  });

  test('has a fix that was applied and makes it go', () => {
    for (const { fix } of found) {
      expect(fix.says).not.toBe('');
      if (id === 'cni-does-not-enforce') expect(fix).toMatchObject({ verified: 'notTried' });
      else expect(fix).toMatchObject({ verified: true, effect: { opens: expect.any(Number) } });
    }
  });

  test('does not fire on a near miss', () => {
    const misses = blocksOf(page, '```yaml\n# near miss');
    expect(misses.length).toBeGreaterThan(0);
    for (const near of misses) expect(lint(near).filter((result) => result.lint === id)).toEqual([]);
  });
});

test('every page is that of a lint, and ids are unique', () => {
  const ids = LINTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(readdirSync(PAGES).sort()).toEqual(ids.map((id) => `${id}.md`).sort());
});

test('a lint stands in for others that exist', () => {
  for (const { insteadOf = [] } of LINTS) for (const id of insteadOf) expect(LINTS.map((one) => one.id)).toContain(id);
});

test('what could not be read is never called absent', () => {
  const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }] }] }
`;
  const gaps = [{ kind: 'Pod', reason: 'forbidden', detail: 'pods can not be listed', remedy: 'list pods' }] as const;
  const snapshot = snapshotOfYaml(policy, { gaps });
  const ids = runLints(LINTS, { snapshot, analysis: analyseNetwork(snapshot) }).map((result) => result.lint);
  expect(ids.filter((id) => /nothing|typo|namespace|redundant/.test(id))).toEqual([]);
});
