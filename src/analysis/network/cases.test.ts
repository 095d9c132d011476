import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePeer, parseTarget } from '../../cli/reach/arguments.ts';
import { withUnreadable, type Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { analyseNetwork } from './index.ts';

/**
 * Text cases a security reviewer can read. A line is a comment, `load FILE`, `unreadable KIND`, `problem CODE PATH`, or
 * `reach FROM -> TO VERDICT [because WORDS]`, where some reason must contain the words.
 */
const CASES = join(import.meta.dirname, 'cases');
const files = readdirSync(CASES).filter((name) => name.endsWith('.case'));

test.each(files)('%s', async (file) => {
  let snapshot: Snapshot | undefined;
  const wrong: string[] = [];
  for (const [index, line] of readFileSync(join(CASES, file), 'utf8').split('\n').entries()) {
    const fail = (found: string): void => void wrong.push(`${file}:${index + 1}: ${line}\n    ${found}`);
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === undefined || word === '' || word.startsWith('#')) continue;
    if (word === 'load') snapshot = await readManifests([join(CASES, rest[0] ?? '')]);
    else if (word === 'unreadable') snapshot = withUnreadable(snapshot!, rest);
    else if (word === 'problem') {
      const { problems } = analyseNetwork(snapshot!);
      if (!problems.some(({ code, path }) => code === rest[0] && path === rest[1])) fail(JSON.stringify(problems));
    } else {
      const found = /^reach (\S+)\s+-> (\S+)\s+(\w+)(?:\s+because (.+))?$/.exec(line.trim());
      if (!found) {
        fail('not a case');
        continue;
      }
      const [, from = '', to = '', verdict, words] = found;
      const target = parseTarget(to);
      const answer = analyseNetwork(snapshot!).query(parsePeer(from), target.peer, target.port);
      const says = answer.because.map((because) => because.says);
      if (answer.verdict !== verdict || (words !== undefined && !says.some((text) => text.includes(words))))
        fail([answer.verdict, ...says].join('\n    '));
    }
  }
  expect(wrong).toEqual([]);
});
