import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { withUnreadable } from '../model/snapshot.ts';
import { kindKeyOf } from '../sources/known-kinds.ts';
import { readManifests } from '../sources/manifests.ts';
import { createFacts } from './facts.ts';
import { judge } from './judge.ts';
import { KINDS } from './kinds/index.ts';
import { parseClaims } from './read-claims.ts';

/**
 * A case file has one set of manifests before its first title, then sections: a title (`# …`), the spec of one claim, and
 * lines `expect VERDICT` (or `expect VERDICT with unreadable KIND,…`), two blanks or more, and `because` with a part of
 * a reason. Claims are of namespace `shop`. `says SENTENCE` is the statement made for it.
 */
const FOLDER = join(import.meta.dirname, 'cases');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.case'));

for (const file of files) {
  const [manifests = '', ...sections] = readFileSync(join(FOLDER, file), 'utf8').split(/^(?=# )/m);
  describe(file, () => {
    for (const section of sections) {
      const [title = '', ...lines] = section.trimEnd().split('\n');
      test(title.slice(2), async () => {
        const spec = lines.filter((line) => !/^(expect|says) /.test(line)).map((line) => `  ${line}`);
        const expectations = lines.filter((line) => /^(expect|says) /.test(line));
        expect(expectations.length).toBeGreaterThan(0);
        for (const line of expectations) expect(await answer(manifests, spec.join('\n'), line)).toBe(shortened(line));
      });
    }
  });
}

test('every kind of claim has its cases, a violated, a holding and an unknown one', () => {
  const missing = Object.keys(KINDS).flatMap((kind) => {
    const text = files.includes(`${kind}.case`) ? readFileSync(join(FOLDER, `${kind}.case`), 'utf8') : '';
    return ['violated', 'holds', 'unknown']
      .filter((verdict) => !text.includes(`\nexpect ${verdict}`))
      .map((verdict) => `${kind} ${verdict}`);
  });
  expect(missing).toEqual([]);
});

/** The line with the answer the engine gives; the wanted part of a reason is kept when a reason holds it. */
async function answer(manifests: string, spec: string, line: string): Promise<string> {
  const read = await readManifests(['-'], { cwd: '.', stdin: Readable.from([manifests]) });
  const unreadable = /with unreadable (\S+)/.exec(line)?.[1];
  const snapshot = unreadable === undefined ? read : withUnreadable(read, unreadable.split(',').map(kindKeyOf));
  const claims = parseClaims(
    `apiVersion: seaworthy.dev/v1alpha1\nkind: Claim\nmetadata: { name: it, namespace: shop }\nspec:\n${spec}\n`,
    'case',
  );
  const [judged] = judge(claims, createFacts(snapshot));
  if (line.startsWith('says ')) return `says ${judged?.statement}`;
  const start = `expect ${judged?.verdict}${unreadable === undefined ? '' : ` with unreadable ${unreadable}`}`;
  const part = / because (.*)$/.exec(line)?.[1];
  if (part === undefined) return start;
  const reasons = judged?.because.map(({ says }) => says) ?? [];
  return `${start} because ${reasons.some((says) => says.includes(part)) ? part : reasons.join(' | ')}`;
}

function shortened(line: string): string {
  return line.startsWith('expect') ? line.replace(/\s{2,}/g, ' ') : line;
}
