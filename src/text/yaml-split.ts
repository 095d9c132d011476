import type { Span } from './span.ts';

const DASH = 0x2d;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;

/** The documents of a YAML stream: a line `---` starts one, whatever stands before it. */
export function splitYamlDocuments(bytes: Buffer): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (let at = bytes.indexOf('\n---'); at >= 0; at = bytes.indexOf('\n---', at + 1)) {
    if (!endsWord(bytes[at + 4])) continue;
    spans.push({ start, end: at + 1 });
    start = at + 1;
  }
  spans.push({ start, end: bytes.length });
  return spans;
}

function endsWord(byte: number | undefined): boolean {
  return byte === undefined || byte === SPACE || byte === NEWLINE || byte === RETURN || byte === 0x09;
}

/**
 * The entries of the list under a top-level `items:` written in block style, as kubectl prints it, without
 * parsing; undefined for anything written otherwise. In block style nothing inside an entry can start in the
 * column of its dash, so the dashes of that column are exactly the entries.
 */
export function splitYamlItems(
  bytes: Buffer,
  document: Span,
): { readonly list: Span; readonly entries: readonly Span[] } | undefined {
  const key = findItemsKey(bytes, document);
  if (key === undefined) return undefined;
  const entries: Span[] = [];
  let indent: number | undefined;
  let entryStart: number | undefined;
  let at = key;
  for (; at < document.end; at = nextLine(bytes, at, document.end)) {
    let column = at;
    while (bytes[column] === SPACE) column++;
    const first = bytes[column];
    if (first === NEWLINE || first === RETURN || first === undefined || first === HASH) continue;
    if (indent === undefined) {
      if (first !== DASH || !endsWord(bytes[column + 1])) return undefined;
      indent = column - at;
    }
    if (column - at > indent) continue;
    if (entryStart !== undefined) entries.push({ start: entryStart, end: at });
    entryStart = undefined;
    if (column - at < indent || first !== DASH || !endsWord(bytes[column + 1])) break;
    entryStart = at;
  }
  if (entryStart !== undefined) entries.push({ start: entryStart, end: document.end });
  return { list: { start: key, end: Math.min(at, document.end) }, entries };
}

/** The offset of the line after `items:`. */
function findItemsKey(bytes: Buffer, document: Span): number | undefined {
  const found = bytes.indexOf('\nitems:', Math.max(0, document.start - 1));
  if (found < 0 || found >= document.end) return undefined;
  let after = found + '\nitems:'.length;
  while (bytes[after] === SPACE || bytes[after] === RETURN) after++;
  return bytes[after] === NEWLINE ? after + 1 : undefined;
}

function nextLine(bytes: Buffer, at: number, end: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 || newline + 1 > end ? end : newline + 1;
}
