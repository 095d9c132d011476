import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPair, isScalar, parseAllDocuments, parseDocument, stringify, visit, type Document } from 'yaml';
import { fixture } from '../testing/fixtures.ts';
import { isList, readDocuments, type FoundValue } from './documents.ts';
import { positionIn } from '../text/lines.ts';
import { offsetOf } from '../text/yaml-positions.ts';
import { yamlEvents } from '../text/yaml.ts';

function values(text: string): readonly FoundValue[] {
  return [...readDocuments(Buffer.from(text))].map((found) => {
    if (found.kind === 'problem') throw new Error(`${found.code} ${found.message} at ${found.line}:${found.column}`);
    return found;
  });
}

const word = fc.constantFrom(
  'a',
  'spec',
  'items',
  '- x',
  'yes',
  '{',
  '#',
  'x: y',
  '---',
  'two\nlines\n',
  ' ',
  '"',
  "'",
  '\u00e9\u{1f600}',
);
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, word, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(word, tie('value'), { maxKeys: 3 }),
})).map;
const object = json.map((spec) => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, spec }));

describe('taking a file apart gives what parsing it whole gives', () => {
  test('JSON objects and Lists, however they are laid out', () => {
    const layout = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.array(object, { maxLength: 4 }), layout, fc.boolean(), (items, indent, asList) => {
        const documents = asList ? [{ apiVersion: 'v1', metadata: { a: '"items": [' }, items, kind: 'List' }] : items;
        const text = documents.map((document) => JSON.stringify(document, null, indent)).join('\n');
        expect(values(text).map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(items)));
      }),
      { numRuns: 150 },
    );
  });

  test('YAML documents', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), (items) => {
        const text = items.map((item) => stringify(item, { version: '1.1' })).join('---\n');
        expect(values(text).map(({ value }) => value)).toEqual(items);
      }),
      { numRuns: 100 },
    );
  });

  test('a List of YAML so long that its entries are parsed one by one', () => {
    const padding = `# ${'long '.repeat(60_000)}\n`;
    fc.assert(
      fc.property(fc.array(object, { maxLength: 4 }), fc.constantFrom(true, false), (items, indentSeq) => {
        const text = stringify({ apiVersion: 'v1', items, kind: 'List' }, { version: '1.1', indentSeq });
        const long = values(text.replace('items:', `${padding}items:`).replace('kind: List', `${padding}kind: List`));
        const short = values(text);
        expect(long.map(({ value }) => value)).toEqual(items);
        expect(short.map(({ value }) => value)).toEqual(items);
        expect(long.map(({ line, column }) => [line - 1, column])).toEqual(
          short.map(({ line, column }) => [line, column]),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('a long List whose entries share anchors is parsed whole', () => {
    const text = `apiVersion: v1\nkind: List\n# ${'long '.repeat(60_000)}\nitems:\n- kind: A\n  l: &l {x: one}\n- kind: B\n  l: *l\n`;
    expect(values(text).map(({ value }) => value)).toEqual([
      { kind: 'A', l: { x: 'one' } },
      { kind: 'B', l: { x: 'one' } },
    ]);
  });

  test('broken JSON of any kind is a problem, not a crash', () => {
    fc.assert(
      fc.property(object, fc.nat(), fc.constantFrom('', '}', '"', ',', '[', '\\'), (item, at, insert) => {
        const text = JSON.stringify({ kind: 'ThingList', items: [item, item] });
        const cut = at % text.length;
        const found = [...readDocuments(Buffer.from(`{"a":1}${text.slice(0, cut)}${insert}${text.slice(cut + 1)}`))];
        expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('positions', () => {
  /** Every path of a document with the offset the yaml package gives its key or entry. */
  function* pathsOf(document: Document): Generator<readonly [path: (string | number)[], offset: number]> {
    const found: [(string | number)[], number][] = [];
    visit(document, (key, node, ancestors) => {
      const path: (string | number)[] = [];
      for (const [i, ancestor] of ancestors.entries()) {
        const child = ancestors[i + 1] ?? node;
        if (isPair(ancestor)) path.push(String((ancestor.key as { value: unknown }).value));
        else if (ancestor && 'items' in ancestor && !isPair(child))
          path.push((ancestor.items as unknown[]).indexOf(child));
      }
      if (key === 'value' || typeof key === 'number') {
        const pair = ancestors.at(-1);
        const shown = key === 'value' && isPair(pair) ? pair.key : node;
        const range = (shown as { range?: [number, number, number] }).range;
        if (range && !isPair(node))
          found.push([path, isScalar(shown) && /^(QUOTE|BLOCK)/.test(String(shown.type)) ? -1 : range[0]]);
      }
    });
    yield* found;
  }

  test('agree with those of another parser, for every field', () => {
    fc.assert(
      fc.property(object, (item) => {
        const text = stringify(item, { version: '1.1', lineWidth: 0 });
        const events = yamlEvents(text)!;
        const paths = [...pathsOf(parseDocument(text, { version: '1.1' }))].filter(([, offset]) => offset >= 0);
        expect(paths.map(([path]) => [path, offsetOf(events, text, path)])).toEqual(paths);
      }),
      { numRuns: 100 },
    );
  });

  test('a missing field is shown where its parent is', () => {
    const text = 'spec:\n  containers:\n  - name: a\n';
    const at = (...path: (string | number)[]): unknown =>
      positionIn(text, offsetOf(yamlEvents(text)!, text, path)!, { line: 10, indent: 0 });
    expect(at('spec', 'containers', 0, 'securityContext', 'privileged')).toEqual({ line: 12, column: 5 });
    expect(at('spec', 'hostPID')).toEqual({ line: 10, column: 1 });
    expect(at('spec', 'containers', 7)).toEqual({ line: 11, column: 3 });
  });

  test('lines and columns count from the start of the file', () => {
    expect(positionIn('ab\ncd', 0, { line: 3, indent: 4 })).toEqual({ line: 3, column: 5 });
    expect(positionIn('ab\ncd', 4, { line: 3, indent: 4 })).toEqual({ line: 4, column: 2 });
  });
});

const APPS = fixture('apps');
test.runIf(APPS)('real applications read as another parser reads them', () => {
  const files = readdirSync(APPS!, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
  for (const file of files.filter((file) => !file.includes('/templates/'))) {
    const text = readFileSync(join(APPS!, file), 'utf8');
    const expected = parseAllDocuments(text)
      .map((document) => document.toJS() as unknown)
      .flatMap((value) => (isList(value) ? value.items : [value]));
    expect(values(text).map(({ value }) => value)).toEqual(expected.filter((value) => value !== null));
  }
});
