import { isRecord, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../model/object.ts';

/** An object under construction. Stored objects are never changed: take a `copy` first. */
export interface Draft {
  apiVersion: string;
  kind: string;
  metadata: DraftMeta;
  [field: string]: unknown;
}

export type DraftMeta = { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] };
export type Fields = Record<string, unknown>;

export function copy(object: KubernetesObject): Draft {
  return structuredClone(object);
}

/** The record under a field, created when it is not there. */
export function child(of: Fields, field: string): Fields {
  const found = of[field];
  if (isRecord(found)) return found;
  const made: Fields = {};
  of[field] = made;
  return made;
}

/** The records of a list under a field, to be changed in place. */
export function children(of: JsonRecord, field: string): readonly Fields[] {
  const found = of[field];
  return Array.isArray(found) ? found.filter((entry): entry is Fields => isRecord(entry)) : [];
}

/** Sets a field that is absent. */
export function setDefault(of: Fields, field: string, value: unknown): void {
  of[field] ??= value;
}

/** Equality of JSON values; order of object fields does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((entry, index) => sameJson(entry, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  return (
    keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => sameJson(a[key], b[key]))
  );
}
