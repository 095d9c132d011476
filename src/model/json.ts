/** An object of raw JSON. Manifests come from outside: nothing about their shape is taken for granted. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Whether a value is an object and no list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; an empty one when it is something else. */
export function record(value: unknown): JsonRecord {
  return isRecord(value) ? value : EMPTY_RECORD;
}

/** The value as a list; an empty one when it is something else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : EMPTY_LIST;
}

/** The objects among the entries of a list, with the index each has in it. */
export function records(value: unknown): readonly (readonly [index: number, entry: JsonRecord])[] {
  const found: (readonly [number, JsonRecord])[] = [];
  const all = list(value);
  for (let index = 0; index < all.length; index++) {
    const entry = all[index];
    if (isRecord(entry)) found.push([index, entry]);
  }
  return found;
}

/** The value where it is a string, else undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value where it is a number, else undefined. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** The strings among the entries of a list. */
export function strings(value: unknown): readonly string[] {
  return list(value).filter((entry) => typeof entry === 'string');
}

/** The value found by walking keys and indexes from the root, or undefined. */
export function at(root: unknown, ...path: readonly (string | number)[]): unknown {
  let value: unknown = root;
  for (const step of path) {
    if (typeof step === 'number' ? !Array.isArray(value) : !isRecord(value)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The string-to-string pairs of a map, as labels and annotations are. */
export function stringMap(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return EMPTY_STRINGS;
  for (const key in value) {
    if (typeof value[key] !== 'string') {
      return Object.fromEntries(Object.entries(value).filter(([, v]) => typeof v === 'string')) as Record<
        string,
        string
      >;
    }
  }
  return value as Readonly<Record<string, string>>;
}

const EMPTY_RECORD: JsonRecord = Object.freeze({});
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);
const EMPTY_STRINGS: Readonly<Record<string, string>> = Object.freeze({});
