import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Readable } from 'node:stream';
import { readManifests } from '../../sources/manifests.ts';
import { analyseAttack } from './index.ts';
import { EDGES } from './edges/index.ts';
import { NODE_KINDS, parseNode } from './nodes.ts';

/**
 * A case file has sections of a title (`# …`), manifests, a line `expect`, and expectations:
 *
 *     Shell:shop/web -> ClusterAdmin   yes via D1 F7 F7
 *     Shell:shop/web -> Root           no
 */
const FOLDER = join(import.meta.dirname, 'cases');
const SHOWN: ReadonlySet<string> = new Set([...NODE_KINDS, 'AdmissionControl']);
const fired = new Set<string>();

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.case'))) {
  describe(file, () => {
    const sections = readFileSync(join(FOLDER, file), 'utf8')
      .split(/^(?=# )/m)
      .filter((section) => section.trim() !== '');
    for (const section of sections) {
      const title = /^# (.*)/.exec(section)?.[1] ?? '';
      const [manifests = '', expectations = ''] = section.replace(/^# .*\n/, '').split(/^expect\n/m);
      const lines = expectations.split('\n').filter((line) => line.trim() !== '');
      test(title, async () => {
        expect(lines.length).toBeGreaterThan(0);
        const attack = analyseAttack(await readManifests(['-'], { stdin: Readable.from([manifests]) }));
        for (const line of lines) {
          const [, from = '', to = '', verdict = '', via] =
            /^(\S+)\s+->\s+(\S+)\s+(yes|no|unknown)(?:\s+via\s+(.*))?$/.exec(line) ?? [];
          const answer = attack.path(parseNode(from), parseNode(to));
          const kinds = answer.edges.map(({ kind }) => kind);
          attack.everything(parseNode(from), parseNode(to)).forEach((kind) => fired.add(kind));
          const said = answer.goal.reachable === true ? 'yes' : answer.goal.reachable === false ? 'no' : 'unknown';
          expect(`${from} -> ${to} ${said}`).toBe(`${from} -> ${to} ${verdict}`);
          if (via !== undefined) expect(kinds.join(' ')).toBe(via.trim());
          // Whoever reads a path meets nodes of the catalogue, and every hop says why.
          for (const { id, from: start, to: end, because } of answer.edges) {
            const odd = [start, end].filter(({ kind }) => !SHOWN.has(kind));
            expect({ id, odd, reasons: because.length > 0 }).toEqual({ id, odd: [], reasons: true });
          }
        }
      });
    }
  });
}

test('every kind of hop is fired by some case', () => {
  expect(EDGES.map(({ id }) => id).filter((id) => !fired.has(id))).toEqual([]);
});
