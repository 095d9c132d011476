import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/**
 * The dependency law of ARCHITECTURE.md: what each room may import of the others. A folder that is not named
 * follows the longest prefix that is.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  text: [],
  'analysis/network': ['model'],
  'analysis/access': ['model'],
  'analysis/admission': ['model'],
  'analysis/posture': ['model', 'analysis/access', 'analysis/admission'],
  'analysis/attack': ['model', 'analysis/network', 'analysis/access', 'analysis/admission'],
  claims: ['model', 'analysis'],
  'experiments/design': ['model', 'claims', 'experiments'],
  'experiments/statistics': [],
  experiments: ['model', 'analysis', 'claims', 'cluster/types.ts', 'agent/requests.ts'],
  report: ['model', 'analysis', 'claims', 'experiments'],
  cluster: ['model', 'text', 'analysis/access/types.ts'],
  sources: ['model', 'text', 'cluster'],
  agent: ['model'],
  lab: ['model', 'analysis', 'cluster', 'agent'],
  cli: ['model', 'analysis', 'claims', 'experiments', 'report', 'sources', 'cluster', 'agent', 'lab'],
};

/** Rooms without I/O, clock or randomness of their own. */
const PURE = ['model', 'text', 'analysis', 'claims', 'experiments/design', 'experiments/statistics'];

const SRC = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)testing\//.test(file),
);

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [
    ...text.matchAll(/^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ].map((found) => found[1] ?? found[2] ?? found[3] ?? '');
}

/** The files of src/ that a file imports, from the root of src/. */
function localImportsOf(file: string): readonly string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(SRC, resolve(SRC, dirname(file), specifier)))
    .filter((target) => !target.startsWith('..'));
}

function roomOf(file: string): string {
  const rooms = Object.keys(MAY_IMPORT).filter((room) => file.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? '';
}

test('every file belongs to a room', () => {
  expect(files.filter((file) => roomOf(file) === '')).toEqual([]);
});

test('rooms import only what lies below them', () => {
  const broken = files.flatMap((file) => {
    const room = roomOf(file);
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    return localImportsOf(file)
      .filter((target) => !allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
      .map((target) => `${file} imports ${target}`);
  });
  expect(broken).toEqual([]);
});

test('the table of ARCHITECTURE.md says the same', () => {
  const page = readFileSync(join(SRC, '..', 'ARCHITECTURE.md'), 'utf8');
  const names = (cell: string): readonly string[] =>
    [...cell.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? '').sort();
  const table = [...page.matchAll(/^\| `([a-z/]+?)\/?` \|.*\|([^|]*)\|$/gm)].map(([, room = '', imports = '']) => [
    room,
    imports.trim() === 'everything' ? 'everything' : names(imports),
  ]);
  const law = Object.entries(MAY_IMPORT)
    .filter(([room]) => !/^experiments\/|^cli$/.test(room))
    .map(([room, allowed]) => [room, allowed.map((target) => target.replace(/\/[a-z]+\.ts$/, '')).sort()]);
  expect(table).toEqual([...law, ['cli', 'everything'], ['testing', 'everything']]);
});

test('pure rooms touch neither the machine, the clock nor chance', () => {
  const broken = files
    .filter((file) => PURE.some((room) => file.startsWith(`${room}/`)))
    .flatMap((file) => {
      const text = readFileSync(join(SRC, file), 'utf8');
      const impure =
        /\b(Date\.now|new Date\(\)|Math\.random|process\.(?:env|argv|cwd|exit|pid|stdout|stderr|hrtime)\b|fetch\(|setTimeout|performance\.now)/.exec(
          text,
        );
      const modules = importsOf(file).filter((specifier) => specifier.startsWith('node:'));
      return [
        ...modules.map((module) => `${file} imports ${module}`),
        ...(impure ? [`${file} uses ${impure[0]}`] : []),
      ];
    });
  expect(broken).toEqual([]);
});

test('no two files import each other in a circle, types included', () => {
  const imports = new Map(files.map((file) => [file, localImportsOf(file)]));
  expect(circlesOf(imports)).toEqual([]);
});

test('a circle is found, however long', () => {
  const ring = ['a', 'b', 'c'].map((file, index, all): [string, string[]] => [file, [all[(index + 1) % 3] ?? '']]);
  expect(circlesOf(new Map([...ring, ['d', ['a', 'e']], ['e', []]]))).toEqual([['a', 'b', 'c']]);
});

/** The strongly connected components of more than one file (Tarjan 1972), each sorted. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found = new Map<string, { readonly index: number; low: number; open: boolean }>();
  const stack: string[] = [];
  const circles: (readonly string[])[] = [];
  const visit = (file: string): { readonly low: number; readonly open: boolean } => {
    const here = { index: found.size, low: found.size, open: true };
    found.set(file, here);
    stack.push(file);
    for (const target of imports.get(file) ?? []) {
      const there = found.get(target) ?? visit(target);
      if (there.open) here.low = Math.min(here.low, there.low);
    }
    if (here.low === here.index) {
      const component = stack.splice(stack.indexOf(file));
      for (const one of component) Object.assign(found.get(one) ?? {}, { open: false });
      if (component.length > 1) circles.push(component.sort());
    }
    return here;
  };
  for (const file of imports.keys()) if (!found.has(file)) visit(file);
  return circles;
}
