import { isRecord } from '../model/json.ts';
import { scanJson, type JsonSpan } from '../text/json-scan.ts';
import { lineCounter, positionIn } from '../text/lines.ts';
import type { Span } from '../text/span.ts';
import { splitYamlDocuments, splitYamlItems } from '../text/yaml-split.ts';
import { entryOffsets, type FieldPath } from '../text/yaml-positions.ts';
import { readYaml } from '../text/yaml.ts';

/** A part of a file that is parsed by itself: a document, or an entry of a List. */
export interface Slice {
  /** Bytes of the file. */
  readonly start: number;
  readonly end: number;
  /** Line of the file (from 1) the slice starts in, and the characters before it in that line. */
  readonly line: number;
  readonly indent: number;
  readonly document: number;
  readonly item?: number;
}

/** A value found in a file, with the slice and the path in that slice where it stands. */
export interface FoundValue {
  readonly kind: 'value';
  readonly value: unknown;
  readonly slice: Slice;
  readonly path: FieldPath;
  readonly line: number;
  readonly column: number;
  readonly item?: number;
}

/** A slice that could not be read, or was read with a reservation. */
export interface FoundProblem {
  readonly kind: 'problem';
  readonly code: 'SW_NOT_YAML' | 'SW_NOT_JSON' | 'SW_YAML_ALIAS_BOMB' | 'SW_DUPLICATE_KEY';
  readonly message: string;
  readonly line: number;
  readonly column: number;
  /** The text when nothing of it could be read: it may have been an object. */
  readonly lost?: string;
}

/** A value of a file, or what is wrong in its place. */
export type Found = FoundValue | FoundProblem;

/** Every value in a file, in order; one slice is parsed at a time, and Lists are taken apart. */
export function* readDocuments(bytes: Buffer): Generator<Found> {
  const json = scanJson(bytes);
  if (json) yield* readJson(bytes, json);
  else yield* readYamlStream(bytes);
}

/** Whether a value is a List of objects, of any kind (`List`, `PodList`). */
export function isList(
  value: unknown,
): value is Readonly<Record<string, unknown>> & { readonly items: readonly unknown[] } {
  return (
    isRecord(value) &&
    typeof value['kind'] === 'string' &&
    value['kind'].endsWith('List') &&
    Array.isArray(value['items'])
  );
}

function* readJson(bytes: Buffer, spans: readonly JsonSpan[]): Generator<Found> {
  const lineOf = lineCounter(bytes);
  const sliceOf = ({ start, end }: Span, document: number, item?: number): Slice => {
    const { line, lineStart } = lineOf(start);
    return { start, end, line, indent: start - lineStart, document, ...(item === undefined ? {} : { item }) };
  };
  for (const [document, span] of spans.entries()) {
    const { items } = span;
    if (!items) {
      yield* parseJson(bytes, sliceOf(span, document));
      continue;
    }
    const frame = parseFrame(
      bytes.toString('utf8', span.start, items.start),
      bytes.toString('utf8', items.end, span.end),
    );
    if (!isList(frame)) {
      yield* parseJson(bytes, sliceOf(span, document));
      continue;
    }
    for (const [item, entry] of items.entries.entries()) {
      for (const found of parseJson(bytes, sliceOf(entry, document, item))) yield withListKind(found, frame);
    }
  }
}

/** A List without its entries: says what kind of List it is. */
function parseFrame(before: string, after: string): unknown {
  try {
    return JSON.parse(`${before}[]${after}`) as unknown;
  } catch {
    return undefined;
  }
}

function* parseJson(bytes: Buffer, slice: Slice): Generator<Found> {
  const { line, item } = slice;
  const text = bytes.toString('utf8', slice.start, slice.end);
  const column = slice.indent + 1;
  try {
    const value = JSON.parse(text) as unknown;
    yield { kind: 'value', value, slice, path: [], line, column, ...(item === undefined ? {} : { item }) };
  } catch (thrown) {
    const asYaml = text.length < 1_000_000 ? readYaml(text) : undefined;
    if (asYaml?.kind === 'ok' && asYaml.values.length === 1) {
      yield {
        kind: 'value',
        value: asYaml.values[0],
        slice,
        path: [],
        line,
        column,
        ...(item === undefined ? {} : { item }),
      };
      return;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const offset = /at position (\d+)/.exec(message)?.[1];
    const at = positionIn(
      text,
      offset === undefined ? (asYaml?.kind === 'broken' ? asYaml.problem.offset : text.length) : Number(offset),
      slice,
    );
    yield {
      kind: 'problem',
      code: 'SW_NOT_JSON',
      message: message.replace(/ in JSON at position.*| \(line.*\)$/s, ''),
      ...at,
      lost: text,
    };
  }
}

/** Entries of a `PodList` as the API gives it don't repeat its kind. */
function withListKind(found: Found, list: Readonly<Record<string, unknown>>): Found {
  if (found.kind === 'problem' || !isRecord(found.value) || typeof found.value['kind'] === 'string') return found;
  const kind = String(list['kind']).slice(0, -'List'.length);
  return kind === '' ? found : { ...found, value: { apiVersion: list['apiVersion'], kind, ...found.value } };
}

/** Documents larger than this are taken apart before they are parsed, to keep the parser's own memory small. */
const LARGE = 1 << 18;

function* readYamlStream(bytes: Buffer): Generator<Found> {
  const lineOf = lineCounter(bytes);
  let document = 0;
  for (const span of splitYamlDocuments(bytes)) {
    const { line } = lineOf(span.start);
    const slice: Slice = { ...span, line, indent: 0, document };
    // A large List is never decoded as a whole: its text would take as much memory as its objects.
    const apart = span.end - span.start > LARGE ? readItemsApart(bytes, slice) : undefined;
    const text = apart ? '' : bytes.toString('utf8', span.start, span.end);
    if (!apart && isEmpty(text)) continue;
    document++;
    yield* apart ?? parseYaml(text, slice);
  }
}

/** Whether a text holds nothing but comments, directives and document marks. */
function isEmpty(text: string): boolean {
  const start = text.length > 4096 ? firstContent(text) : text;
  return /^(\s*(#.*|%.*|---\s*(#.*)?|\.\.\.\s*)?(\n|$))*$/.test(start);
}

/** Enough of a long text to see whether it has any content. */
function firstContent(text: string): string {
  return /^[^#%\s-]/m.exec(text)?.[0] ?? text;
}

function readItemsApart(bytes: Buffer, document: Slice): readonly Found[] | undefined {
  const split = splitYamlItems(bytes, document);
  if (!split) return undefined;
  const { list, entries } = split;
  const frame = readYaml(
    `${bytes.toString('utf8', document.start, list.start).replace(/items:\s*$/, 'items: []\n')}${bytes.toString('utf8', list.end, document.end)}`,
  );
  const header = frame.kind === 'ok' ? frame.values[0] : undefined;
  if (!isList(header)) return undefined;
  const lineOf = lineCounter(bytes);
  const found: Found[] = [];
  for (const [item, span] of entries.entries()) {
    const slice: Slice = { ...span, line: lineOf(span.start).line, indent: 0, document: document.document, item };
    const text = bytes.toString('utf8', span.start, span.end);
    const reading = readYaml(text);
    if (reading.kind === 'broken' && reading.problem.message.startsWith('unidentified alias')) return undefined;
    if (reading.kind === 'broken') found.push(problem(reading.problem, text, slice, text));
    else {
      if (reading.warning) found.push(problem(reading.warning, text, slice));
      const value = (reading.values[0] as readonly unknown[])[0];
      const column = text.indexOf('-') + 3;
      found.push(withListKind({ kind: 'value', value, slice, path: [0], line: slice.line, column, item }, header));
    }
  }
  return found;
}

function* parseYaml(text: string, slice: Slice): Generator<Found> {
  const reading = readYaml(text);
  if (reading.kind === 'broken') {
    yield problem(reading.problem, text, slice, text);
    return;
  }
  if (reading.warning) yield problem(reading.warning, text, slice);
  for (const value of reading.values) {
    if (value === null) continue;
    if (isList(value)) {
      const offsets = entryOffsets(reading.events, text, ['items']);
      for (const [item, entry] of value.items.entries()) {
        const at = positionIn(text, offsets[item] ?? 0, slice);
        yield withListKind({ kind: 'value', value: entry, slice, path: ['items', item], ...at, item }, value);
      }
    } else {
      const start = contentStart(text);
      yield { kind: 'value', value, slice, path: [], ...positionIn(text, start, slice) };
    }
  }
}

/** Where the first thing stands that is neither blank, comment nor the `---` line. */
function contentStart(text: string): number {
  const found = /^(?!---(\s|$))(?!\s*#)(?!%)[ \t]*(?=\S)/m.exec(text);
  return found ? found.index + found[0].length : 0;
}

function problem(
  { code, message, offset }: { readonly code: FoundProblem['code']; readonly message: string; readonly offset: number },
  text: string,
  slice: Slice,
  lost?: string,
): FoundProblem {
  return {
    kind: 'problem',
    code,
    message,
    ...positionIn(text, offset, slice),
    ...(lost === undefined ? {} : { lost }),
  };
}
