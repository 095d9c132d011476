import { Command } from 'commander';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../testing/test-io.ts';
import { COMMANDS, registerCommands } from '../commands/index.ts';
import type { Io } from '../io.ts';
import { EXAMPLES } from './examples.ts';
import { addFirstScreens, commandsBelow, configureHelp } from './help.ts';

const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop');
const cwd = mkdtempSync(join(tmpdir(), 'help-'));
cpSync(SHOP, cwd, { recursive: true });
cpSync(join(SHOP, 'manifests'), join(cwd, 'old'), { recursive: true });
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function programOf(args: readonly string[] = []): Promise<Command> {
  const io: Io = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    env: {},
    cwd,
    now: () => new Date(0),
    signal: new AbortController().signal,
    exitCode: 0,
  };
  const program = new Command('seaworthy');
  configureHelp(program);
  await registerCommands(program, io, args);
  addFirstScreens(program);
  return program;
}

const all = [...commandsBelow(await programOf(), [])];
const wordsOf = (example: string): readonly string[] => example.replace(/ > \S+$/, '').split(' ');

describe.each(all.map(([path, command]) => [path.join(' '), command] as const))('%s --help', (path, command) => {
  test('says in the first line what it does, and then what to type', () => {
    const [usage, does = '', examples = ''] = command.helpInformation().split('\n\n');
    expect(usage).toMatch(/^Usage: /);
    expect(does).toMatch(/^[A-Z]/);
    expect(does.split('\n').length).toBeLessThanOrEqual(2);
    if (path in EXAMPLES) expect(examples).toMatch(/^ {2}seaworthy /);
  });

  test('fits a terminal of 80 columns', () => {
    expect(
      command
        .helpInformation()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test("shows a command's own flags before those that all share", () => {
    const headings = [...command.helpInformation().matchAll(/^(\w.*):$/gm)].map(([, heading = '']) => heading);
    const order = ['Options', 'Where the facts come from', 'Which cluster, and as whom', 'How it is shown'];
    const ranks = headings.map((heading) => order.indexOf(heading)).filter((rank) => rank >= 0);
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });
});

test('every example is of a command, and of flags that it takes', () => {
  const commands = new Map(all.map(([path, command]) => [path.join(' '), command]));
  expect(Object.keys(EXAMPLES).filter((path) => !commands.has(path))).toEqual([]);
  for (const [path, example] of Object.entries(EXAMPLES).flatMap(([path, list]) =>
    list.map((one) => [path, one] as const),
  )) {
    if (path === 'lab kubectl') continue; // kubectl's own
    const words = wordsOf(example);
    const command = [...commands].findLast(([name]) => name !== '' && `${example} `.startsWith(`${name} `))?.[1];
    const flags = new Set(command?.options.flatMap(({ short, long }) => [short, long]));
    const unknown = words.filter((word) => /^-./.test(word) && !flags.has(word));
    if (command?.commands.length === 0) expect({ example, unknown }).toEqual({ example, unknown: [] });
  }
});

/** Examples that read files alone are run as they stand, where the shop's files are. */
const RUN = Object.values(EXAMPLES)
  .flat()
  .filter((example) => / -f (manifests|reports)\//.test(example) && !/--against main|snapshot save/.test(example));

test.each([...new Set(RUN)])('%s', async (example) => {
  const { status, stdout } = await runCommand(wordsOf(example), { cwd });
  expect(status).toBe(0);
  expect(stdout).not.toBe('');
});

test('the exit status is documented where the commands are', async () => {
  const { status, stdout } = await runCommand(['--help'], { cwd });
  expect(status).toBe(0);
  for (const code of [0, 1, 2, 3, 4, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${code} {2,}\\S`, 'm'));
});

test.each(COMMANDS.map(({ name }) => name))('%s alone is loaded where it is asked for', async (name) => {
  const program = await programOf([name, '--help']);
  expect(program.commands.map((command) => command.name()).filter((found) => found !== 'help')).toEqual([name]);
});

test('all are loaded where the name is not known', async () => {
  const program = await programOf(['--color', 'always', 'verify']);
  expect(program.commands.map((command) => command.name())).toEqual(COMMANDS.map(({ name }) => name));
});
