import { closeSync, openSync, readSync } from 'node:fs';
import type { Position } from '../model/errors.ts';
import { memoised } from '../model/memoised.ts';
import type { Resource } from '../model/snapshot.ts';
import type { Slice } from './documents.ts';
import { positionIn } from '../text/lines.ts';
import { offsetOf, type FieldPath } from '../text/yaml-positions.ts';
import { yamlEvents } from '../text/yaml.ts';

/** The text of a file: kept when it can't be read again (stdin), else where it starts on disk. */
export type TextSource =
  | { readonly kind: 'kept'; readonly bytes: Buffer }
  | { readonly kind: 'disk'; readonly path: string; readonly offset: number };

/** Where the text of one object is. */
export interface Place {
  readonly source: TextSource;
  readonly slice: Slice;
  /** The object within the value the slice holds. */
  readonly path: FieldPath;
}

/**
 * Finds fields of objects whose places are known. Each field is looked up once: a rule of a policy is the reason of
 * thousands of connections.
 */
export function locator(
  placeOf: (resource: Resource) => Place | undefined,
): (resource: Resource, path: FieldPath) => Position | undefined {
  const found = memoised((_: Resource['object']) => new Map<string, Position | undefined>());
  return (resource, path) => {
    const place = placeOf(resource);
    if (!place) return undefined;
    const known = found(resource.object);
    const field = path.join('\0');
    if (!known.has(field)) known.set(field, locateField(place, resource, path));
    return known.get(field);
  };
}

/**
 * The position of a field. Parses the document again: positions are asked only for what is reported, so
 * that reading stays fast and nothing but objects stays in memory. YAML's grammar reads JSON too.
 */
function locateField(place: Place, { origin }: Resource, path: FieldPath): Position | undefined {
  if (!origin) return undefined;
  const start: Position = { file: origin.file, line: origin.line, column: origin.column };
  if (path.length === 0) return start;
  const text = textOf(place);
  const events = text === undefined ? undefined : yamlEvents(text);
  if (!events || text === undefined) return start;
  const offset = offsetOf(events, text, [...place.path, ...path]);
  return offset === undefined ? start : { file: origin.file, ...positionIn(text, offset, place.slice) };
}

function textOf({ source, slice }: Place): string | undefined {
  if (source.kind === 'kept') return source.bytes.toString('utf8', slice.start, slice.end);
  try {
    const file = openSync(source.path, 'r');
    try {
      const bytes = Buffer.alloc(slice.end - slice.start);
      const read = readSync(file, bytes, 0, bytes.length, source.offset + slice.start);
      return bytes.toString('utf8', 0, read);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // gone since: the start of the object is still known
  }
}
