import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** The README of a room is a map: indented lines name its folders and files, those that others rest on first. */
const SRC = join(import.meta.dirname, '..', 'src');

describe.each(['claims', 'cli', 'experiments', 'report'])('the map of %s', (name) => {
  const room = join(SRC, name);
  const page = readFileSync(join(room, 'README.md'), 'utf8');
  const named = [...page.matchAll(/^ {4}(\S.*?)(?: {2,}|$)/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/[\w-]+(?:\/|\.ts)(?=,|$|\s)/g)].map(([place]) => place),
  );

  test('what it names is there', () => {
    expect(named.filter((place) => !existsSync(join(room, place)))).toEqual([]);
  });

  test('every folder of the room is on it', () => {
    const folders = readdirSync(room, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const missing = folders.map((folder) => folder.name).filter((folder) => !page.includes(`${folder}/`));
    expect(missing.filter((folder) => !['testing', 'cases'].includes(folder))).toEqual([]);
  });
});

test.each(['claims', 'report', 'experiments'])('in %s each line knows only those above it', (room) => {
  const page = readFileSync(join(SRC, room, 'README.md'), 'utf8');
  const lines = [...page.matchAll(/^ {4}(\S.*?) {2,}/gm)].map(([, names = '']) => names.split(', '));
  const rank = new Map(lines.flatMap((names, line) => names.map((name) => [name, line] as const)));
  const partOf = (file: string): string => (file.includes('/') ? `${file.split('/')[0]}/` : file);
  const files = readdirSync(join(SRC, room), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && rank.has(partOf(file)),
  );
  const upwards = files.flatMap((file) => {
    const text = readFileSync(join(SRC, room, file), 'utf8');
    return [...text.matchAll(/\bfrom '(\.[^']+)'/g)].flatMap(([, specifier = '']) => {
      const target = join(dirname(file), specifier);
      const below = rank.get(partOf(target));
      return below !== undefined && below > (rank.get(partOf(file)) ?? 0) ? [`${file} imports ${target}`] : [];
    });
  });
  expect(upwards).toEqual([]);
});
