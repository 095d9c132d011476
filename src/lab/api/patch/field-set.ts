import { isRecord, type JsonRecord } from '../../../model/json.ts';
import { sameJson } from '../objects.ts';
import { entryKey, fieldType, type FieldType } from '../schema/types.ts';

/**
 * Fields of an object by path. A path is the steps of the `FieldsV1` notation (`f:spec`, `k:{"name":"web"}`,
 * `v:"finalizer"`) joined by NUL, so that sets of paths are sets of strings.
 */
export type FieldSet = ReadonlySet<string>;

const SEPARATOR = '\0';

/** Every field an object states, with what is at it. */
export function fieldsIn(type: FieldType, object: unknown): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  visit(type, object, '', found);
  return found;
}

/** A marker for containers: that they are there, not what is in them. */
const PRESENT = Symbol('present');

function visit(type: FieldType, value: unknown, path: string, found: Map<string, unknown>): void {
  const step = (name: string): string => (path === '' ? name : path + SEPARATOR + name);
  if (type.kind === 'list' && type.listType !== 'atomic' && Array.isArray(value)) {
    found.set(path, PRESENT);
    for (const entry of value) {
      if (type.listType === 'set') found.set(step(`v:${JSON.stringify(entry)}`), entry);
      else {
        const item = step(`k:${JSON.stringify(entryKey(type, entry))}`);
        found.set(item, PRESENT);
        visit(type.of, entry, item, found);
      }
    }
    return;
  }
  const descends = (type.kind === 'struct' || type.kind === 'map') && !type.atomic;
  if (!isRecord(value) || (!descends && !(type.kind === 'any' && path === ''))) {
    found.set(path, value);
    return;
  }
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  if (path !== '' && (type.kind === 'map' || entries.length === 0)) found.set(path, PRESENT);
  for (const [key, entry] of entries) visit(fieldType(type, key) ?? UNTYPED, entry, step(`f:${key}`), found);
}

const UNTYPED: FieldType = { kind: 'any' };

/** Fields of `after` that are new or have another value than in `before`. */
export function changedFields(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): FieldSet {
  const changed = new Set<string>();
  for (const [path, value] of after) {
    if (!before.has(path) || !sameJson(before.get(path), value)) changed.add(path);
  }
  return changed;
}

/** As `managedFields[].fieldsV1` writes it. */
export function toFieldsV1(set: FieldSet): JsonRecord {
  const root: Record<string, unknown> = {};
  const leaf = new Set(set);
  for (const path of [...set].sort()) {
    let node = root;
    for (const step of path.split(SEPARATOR)) node = (node[step] ??= {}) as Record<string, unknown>;
  }
  mark(root, '', leaf);
  return root;
}

function mark(node: Record<string, unknown>, path: string, owned: FieldSet): void {
  for (const [step, below] of Object.entries(node)) {
    mark(below as Record<string, unknown>, path === '' ? step : path + SEPARATOR + step, owned);
  }
  if (path !== '' && owned.has(path) && Object.keys(node).length > 0) node['.'] = {};
}

export function fromFieldsV1(fields: unknown): Set<string> {
  const found = new Set<string>();
  read(fields, '', found);
  return found;
}

function read(node: unknown, path: string, found: Set<string>): void {
  if (!isRecord(node)) return;
  const steps = Object.keys(node);
  if (path !== '' && (steps.length === 0 || steps.includes('.'))) found.add(path);
  for (const step of steps) if (step !== '.') read(node[step], path === '' ? step : path + SEPARATOR + step, found);
}

/** `.spec.containers[name="web"].image`, as conflicts name fields. */
export function formatFieldPath(path: string): string {
  return path
    .split(SEPARATOR)
    .map((step) => {
      const value = step.slice(2);
      if (step.startsWith('f:')) return `.${value}`;
      if (step.startsWith('v:')) return `[=${value}]`;
      const keys = Object.entries(JSON.parse(value) as JsonRecord);
      return `[${keys.map(([key, v]) => `${key}=${JSON.stringify(v)}`).join(',')}]`;
    })
    .join('');
}

/** The object without the fields at these paths; entries of lists go by their keys. */
export function withoutFields(type: FieldType, object: unknown, gone: FieldSet): unknown {
  return strip(type, object, '', gone);
}

function strip(type: FieldType, value: unknown, path: string, gone: FieldSet): unknown {
  const step = (name: string): string => (path === '' ? name : path + SEPARATOR + name);
  if (type.kind === 'list' && type.listType !== 'atomic' && Array.isArray(value)) {
    return value.flatMap((entry: unknown) => {
      const at = step(
        type.listType === 'set' ? `v:${JSON.stringify(entry)}` : `k:${JSON.stringify(entryKey(type, entry))}`,
      );
      return gone.has(at) ? [] : [strip(type.of, entry, at, gone)];
    });
  }
  if (!isRecord(value) || (type.kind !== 'struct' && type.kind !== 'map' && path !== '')) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      const at = step(`f:${key}`);
      return gone.has(at) ? [] : [[key, strip(fieldType(type, key) ?? UNTYPED, entry, at, gone)]];
    }),
  );
}
