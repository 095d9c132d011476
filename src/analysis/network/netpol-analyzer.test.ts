import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readManifests } from '../../sources/manifests.ts';
import { fixture } from '../../testing/fixtures.ts';
import { analyseNetwork } from './index.ts';
import { listed } from './report.ts';
import { normalised, parseLines } from './netpol-analyzer-format.ts';

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
