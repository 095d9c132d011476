import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { registerCommands } from '../src/cli/commands/index.ts';

/**
 * Every command line of the documentation, in a block or in a sentence, names a command that is there and flags that it has. Those in a
 * block `console` are run as well (documented-examples.test.ts).
 */
const ROOT = join(import.meta.dirname, '..');
const pages = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.(md|yaml)$/.test(file) && !/(^|\/)(node_modules|\.git|dist)\//.test(file),
);
const texts = pages.map((page) => [page, readFileSync(join(ROOT, page), 'utf8')] as const);

const program = new Command('seaworthy').option('--color <when>').version('0');
await registerCommands(
  program,
  {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    cwd: ROOT,
    now: () => new Date(0),
    signal: new AbortController().signal,
    exitCode: 0,
  },
  [],
);

test('commands and flags in the documentation are there', () => {
  const lines = texts.flatMap(([page, text]) => commandLines(text).map((line) => ({ page, line })));
  expect(lines.length).toBeGreaterThan(100);
  const wrong = lines.flatMap(({ page, line }) => mistakesIn(line).map((mistake) => `${page}: ${line}: ${mistake}`));
  expect(wrong).toEqual([]);
});

test('a command or flag that is not there is noticed', () => {
  expect(mistakesIn('reach lnt')).toEqual(['no command lnt']);
  expect(mistakesIn('reach internet payments/')).toEqual([]);
  expect(mistakesIn('veryfy -f a')).toEqual(['no command veryfy']);
  expect(mistakesIn('reach lint --fail-on high --nonsense')).toEqual(['no flag --nonsense']);
});

test('scripts of npm in the documentation are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const named = texts.flatMap(([page, text]) =>
    [...text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, script = '']) => ({ page, script })),
  );
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

/** What follows `seaworthy` in code: within backticks, after `$ `, or at the beginning of an indented line. */
function commandLines(text: string): readonly string[] {
  const found = text.matchAll(/`seaworthy +([^`\n]+)`|^(?: {4,}|\$ )(?:\S+=\S+ )*seaworthy +(.+)$/gm);
  return [...found].map(([, sentence, block]) =>
    (sentence ?? block ?? '').replace(/\s(?:#|\||>|…| {2}).*$/, '').trim(),
  );
}

/** Words that are neither subcommands nor flags are arguments; those of `reach` are no plain words but `internet`. */
function mistakesIn(line: string): readonly string[] {
  const words = line.split(/\s+/).map((word) => word.replace(/^\[|\]$/g, ''));
  let command = program;
  let next = words.shift();
  for (;;) {
    const found = command.commands.find((one) => one.name() === next);
    if (!found) break;
    command = found;
    next = words.shift();
  }
  const rest = next === undefined ? words : [next, ...words];
  const first = rest[0] ?? '-';
  if (command.commands.length > 0 && /^[a-z]+$/.test(first) && !['internet', 'help'].includes(first))
    return [`no command ${first}`];
  const flags = flagsOf(command);
  return rest
    .filter((word) => /^--?[a-z]/i.test(word))
    .map((word) => word.replace(/[=,;.)].*$/, ''))
    .filter((flag) => !flags.has(flag))
    .map((flag) => `no flag ${flag}`);
}

function flagsOf(command: Command): ReadonlySet<string> {
  const own = command.options.flatMap(({ short, long }) => [short ?? '', long ?? '']);
  return new Set([...own, ...(command.parent ? flagsOf(command.parent) : ['-h', '--help'])]);
}
