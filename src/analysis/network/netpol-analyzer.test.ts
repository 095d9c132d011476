import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readManifests } from '../../sources/manifests.ts';
import { fixture } from '../../testing/fixtures.ts';
import { analyseNetwork, formatPorts } from './index.ts';
import { diffNetworks } from './diff/diff.ts';
import { formatPeer, listed } from './answers/report.ts';
import { normalised, parseDiffLines, parseLines, type Line } from './testing/netpol-analyzer-format.ts';

/** Cases recorded from netpol-analyzer: the profile of that name gives exactly its answers. */
const outputs = fixture('network/test_outputs/connlist');

describe.skipIf(outputs === undefined)('profile netpol-analyzer lists what netpol-analyzer lists', () => {
  for (const file of outputs === undefined ? [] : readdirSync(outputs).filter((name) => name.endsWith('.txt'))) {
    const name = file.replace('_connlist_output.txt', '');
    test(`case ${name}`, async () => {
      const snapshot = await readManifests([fixture(`network/tests/${name}`) ?? '']);
      const analysis = analyseNetwork(snapshot, { profile: 'netpol-analyzer' });
      const found = normalised(listed(analysis.connections()).map(({ from, to, ports }) => [from, to, ports]));
      const expected = normalised(parseLines(readFileSync(`${outputs}/${file}`, 'utf8')));
      expect(found).toEqual(expected);
    });
  }
});

const diffs = fixture('network/test_outputs/diff');
const selected = fixture('network/SELECTED.txt');

describe.skipIf(diffs === undefined || selected === undefined)(
  'profile netpol-analyzer finds the same differences',
  () => {
    const cases = (selected === undefined ? '' : readFileSync(selected, 'utf8')).matchAll(
      /^diff (\S+) old=(\S+) new=(\S+)$/gm,
    );
    for (const [, file = '', old = '', now = ''] of cases) {
      test(`${old} to ${now}`, async () => {
        const [before, after] = await Promise.all(
          [old, now].map(async (name) => {
            const snapshot = await readManifests([fixture(`network/tests/${name}`) ?? '']);
            return { snapshot, analysis: analyseNetwork(snapshot, { profile: 'netpol-analyzer' }) };
          }),
        );
        const changes = [...diffNetworks(before!, after!)];
        const found = normalised(
          changes.map((change): Line => [
            formatPeer(change.from),
            formatPeer(change.to),
            `${change.change} ${formatPorts(change.before)} | ${formatPorts(change.after)}`,
          ]),
        );
        const expected = normalised(parseDiffLines(readFileSync(`${diffs}/${file}`, 'utf8')));
        expect(found).toEqual(expected);
        expect(changes.every(({ because }) => because.length > 0)).toBe(true);
      });
    }
  },
);
