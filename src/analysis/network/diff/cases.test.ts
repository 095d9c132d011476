import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { analyseNetwork } from '../index.ts';
import { formatPorts } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import { diffNetworks, type NetworkState } from './diff.ts';

/**
 * Text cases of differences and their causes. Lines:
 *
 *     both                                     begins a cluster; what follows is in both states
 *     before, after                            what follows is in that state only
 *     | YAML
 *     case WORDS                               keeps what is in both, forgets the states
 *     opens FROM => TO : PORTS because WORDS   some cause must contain the words; the ports after
 *     closes FROM => TO : PORTS because WORDS  the ports before
 *     may-close FROM => TO : PORTS because …   the same, where the state after leaves it open
 *     and others                               the case lists only some of the changes
 */
const CASES = join(import.meta.dirname, 'cases');
const files = readdirSync(CASES).filter((name) => name.endsWith('.case'));

interface Case {
  readonly title: string;
  readonly yaml: Readonly<Record<'both' | 'before' | 'after', string[]>>;
  readonly expected: { readonly edge: string; readonly because: string; readonly line: number }[];
  others: boolean;
}

function readCases(text: string): readonly Case[] {
  const cases: Case[] = [];
  let both: string[] = [];
  let section: 'both' | 'before' | 'after' = 'both';
  const current = (): Case => cases.at(-1)!;
  text.split('\n').forEach((line, index) => {
    const words = line.trim();
    if (words === '' || words.startsWith('#')) return;
    if (words === 'both') [both, section] = [[], 'both'];
    else if (words === 'before' || words === 'after') {
      section = words;
      current().yaml[section].push('---');
    } else if (words.startsWith('case '))
      cases.push({ title: words.slice(5), yaml: { both, before: [], after: [] }, expected: [], others: false });
    else if (words.startsWith('|'))
      (section === 'both' ? both : current().yaml[section]).push(line.replace(/^\s*\| ?/, ''));
    else if (words === 'and others') current().others = true;
    else {
      const found = /^((?:opens|closes|may-close) \S+ => \S+ : .+?) because (.+)$/.exec(words);
      if (!found) throw new Error(`line ${index + 1} is no line of a case: ${line}`);
      current().expected.push({ edge: found[1]!, because: found[2]!, line: index + 1 });
    }
  });
  return cases;
}

function stateOf(...parts: readonly (readonly string[])[]): NetworkState {
  const snapshot = snapshotOfYaml(parts.map((lines) => lines.join('\n')).join('\n---\n'));
  return { snapshot, analysis: analyseNetwork(snapshot) };
}

for (const file of files) {
  test.each(readCases(readFileSync(join(CASES, file), 'utf8')).map((one) => [one.title, one] as const))(
    `${file}: %s`,
    (_, { yaml, expected, others }) => {
      const changes = [...diffNetworks(stateOf(yaml.both, yaml.before), stateOf(yaml.both, yaml.after))].map((one) => ({
        edge: `${one.opens ? 'opens' : one.undecided.includes('after') ? 'may-close' : 'closes'} ${formatPeer(one.from)} => ${formatPeer(one.to)} : ${formatPorts(one.opens ? one.after : one.before)}`,
        because: one.because.map(({ says }) => says),
      }));
      const missing = expected.filter(
        ({ edge, because }) =>
          !changes.some((one) => one.edge === edge && one.because.some((says) => says.includes(because))),
      );
      expect(missing.length === 0 ? [] : { missing, changes }).toEqual([]);
      if (!others) expect(changes.map(({ edge }) => edge).sort()).toEqual(expected.map(({ edge }) => edge).sort());
    },
  );
}
