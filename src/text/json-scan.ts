import type { Span } from './span.ts';

/** A top-level JSON value of a file. */
export interface JsonSpan extends Span {
  /** The list under the key asked for, when there is one. */
  readonly items?: Span & { readonly entries: readonly Span[] };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/**
 * The JSON values of a file one after another, found without parsing them, so that each entry of a List of any
 * size can be parsed by itself. Undefined when the bytes are not a sequence of objects and lists: then it is YAML.
 * One pass over the bytes; broken JSON is found later, by the parser.
 */
export function scanJson(bytes: Buffer, listKey = 'items'): readonly JsonSpan[] | undefined {
  const spans: JsonSpan[] = [];
  for (let at = skipSpace(bytes, 0); at < bytes.length;) {
    const opens = bytes[at];
    if (opens !== OPEN_MAP && opens !== OPEN_LIST) return undefined;
    const span: JsonSpan = (opens === OPEN_MAP ? spanWithList(listKey, bytes, at) : undefined) ?? {
      start: at,
      end: endOfValue(bytes, at),
    };
    spans.push(span);
    at = skipSpace(bytes, span.end);
  }
  return spans.length === 0 ? undefined : spans;
}

/** An object with the list under a key; undefined when it has none. What stands before the list is passed over twice. */
function spanWithList(key: string, bytes: Buffer, start: number): JsonSpan | undefined {
  for (let at = skipSpace(bytes, start + 1); bytes[at] === QUOTE;) {
    const keyEnd = endOfString(bytes, at);
    const colon = skipSpace(bytes, keyEnd);
    if (bytes[colon] !== COLON) return undefined;
    const value = skipSpace(bytes, colon + 1);
    if (bytes[value] === OPEN_LIST && bytes.toString('utf8', at + 1, keyEnd - 1) === key) {
      const items = entriesOf(bytes, value);
      return items && { start, end: endOfValue(bytes, items.end, 1), items };
    }
    const next = skipSpace(bytes, endOfValue(bytes, value));
    if (bytes[next] !== COMMA) return undefined;
    at = skipSpace(bytes, next + 1);
  }
  return undefined;
}

function entriesOf(bytes: Buffer, start: number): JsonSpan['items'] {
  const entries: Span[] = [];
  let at = skipSpace(bytes, start + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_LIST) {
    const close = endOfValue(bytes, at);
    if (close === at) return undefined;
    entries.push({ start: at, end: close });
    at = skipSpace(bytes, close);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
    else if (bytes[at] !== CLOSE_LIST) return undefined;
  }
  return at < bytes.length ? { start, end: at + 1, entries } : undefined;
}

/** Where the value that starts at `at` (or the container `at` stands in, `open` levels up) ends; the end of the bytes when cut off. */
function endOfValue(bytes: Buffer, at: number, open = 0): number {
  let depth = open;
  for (let i = at; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfString(bytes, i) - 1;
        if (depth === 0) return i + 1;
        break;
      case OPEN_MAP:
      case OPEN_LIST:
        depth++;
        break;
      case CLOSE_MAP:
      case CLOSE_LIST:
        if (depth === 0) return i;
        depth--;
        if (depth === 0) return i + 1;
        break;
      case COMMA:
        if (depth === 0) return i;
        break;
    }
  }
  return bytes.length;
}

function endOfString(bytes: Buffer, at: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
  return bytes.length;
}

function skipSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (i < bytes.length && (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09)) i++;
  return i;
}
