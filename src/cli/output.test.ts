import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Io } from './io.ts';
import { formatTable, printDocument, stylesFor } from './output.ts';

function ioWith(env: Io['env'], isTTY: boolean): Io {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const { signal } = new AbortController();
  return {
    stdin: new PassThrough(),
    stdout,
    stderr: stdout,
    env,
    cwd: '/',
    now: () => new Date(0),
    signal,
    exitCode: 0,
  };
}

describe('tables', () => {
  test('columns are aligned, whatever colours their cells have', () => {
    const red = pc.createColors(true).red('no');
    expect(
      formatTable(
        ['NAME', 'OK', 'WHY'],
        [
          ['a', 'yes', ''],
          ['longer', red, 'two\nlines'],
          ['é😀', 'yes'],
        ],
      ),
    ).toBe(`NAME    OK   WHY\na       yes\nlonger  ${red}   two lines\né😀      yes\n`);
  });
  test('without rows there is the heading', () => {
    expect(formatTable(['A', 'B'], [])).toBe('A  B\n');
  });
});

describe('colours', () => {
  test.each([
    [{}, true, 'auto', true],
    [{}, false, 'auto', false],
    [{ NO_COLOR: '1' }, true, 'auto', false],
    [{ NO_COLOR: '' }, true, 'auto', true],
    [{ TERM: 'dumb' }, true, 'auto', false],
    [{ NO_COLOR: '1' }, false, 'always', true],
    [{}, true, 'never', false],
  ])('%j, terminal %s, --color %s: %s', (env, isTTY, color, coloured) => {
    const io = ioWith(env, isTTY);
    expect(stylesFor(io, io.stdout, color).isColorSupported).toBe(coloured);
  });
});

describe('documents', () => {
  const printed = async (format: 'json' | 'yaml' | 'table'): Promise<readonly [boolean, string]> => {
    const io = ioWith({}, false);
    const done = await printDocument(io, format, { kind: 'X', absent: undefined, text: 'yes', list: [1] });
    return [done, String((io.stdout as PassThrough).read() ?? '')];
  };
  test('JSON and YAML say the same; other formats are left to the command', async () => {
    expect(await printed('json')).toEqual([true, '{\n  "kind": "X",\n  "text": "yes",\n  "list": [\n    1\n  ]\n}\n']);
    expect(await printed('yaml')).toEqual([true, "kind: X\ntext: 'yes'\nlist:\n  - 1\n"]);
    expect(await printed('table')).toEqual([false, '']);
  });
});
