import { isRecord } from '../../../model/json.ts';
import data from '../upstream/schema.json' with { type: 'json' };

/** The type of one field, as upstream's OpenAPI document describes it. */
export type FieldType =
  | { readonly kind: 'scalar'; readonly name: Scalar; readonly defaultTo?: unknown }
  /** Free-form: what is below is not looked at, and owned as a whole. */
  | { readonly kind: 'any' }
  | { readonly kind: 'struct'; readonly name: string; readonly atomic: boolean; readonly retainKeys: boolean }
  | {
      readonly kind: 'list';
      readonly of: FieldType;
      readonly listType: 'atomic' | 'set' | 'map';
      /** Keys by which server-side apply tells entries apart. */
      readonly keys: readonly string[];
      /** Key by which a strategic merge patch tells entries apart; `''` merges a list of scalars. */
      readonly mergeKey?: string;
      readonly retainKeys: boolean;
    }
  | { readonly kind: 'map'; readonly of: FieldType; readonly atomic: boolean };

export type Scalar = 'string' | 'int' | 'number' | 'bool' | 'bytes' | 'time' | 'microTime' | 'quantity' | 'intOrString';

const SCALARS: ReadonlySet<string> = new Set([
  'string',
  'int',
  'number',
  'bool',
  'bytes',
  'time',
  'microTime',
  'quantity',
  'intOrString',
]);

const types = data.types as unknown as Readonly<Record<string, Readonly<Record<string, string>>>>;
const roots = data.roots as Readonly<Record<string, string>>;
const parsed = new Map<string, ReadonlyMap<string, FieldType>>();
const ANY: FieldType = { kind: 'any' };

/** The type of a whole object; free-form for kinds that are not built in. */
export function rootType(apiVersion: string, kind: string): FieldType {
  const name = roots[`${apiVersion}/${kind}`];
  return name === undefined ? ANY : { kind: 'struct', name, atomic: false, retainKeys: false };
}

/** The fields of a struct type, parsed once. */
export function fieldsOf(name: string): ReadonlyMap<string, FieldType> {
  let fields = parsed.get(name);
  if (!fields) {
    fields = new Map(
      Object.entries(types[name] ?? {})
        .filter(([field]) => field !== '')
        .map(([field, notation]) => [field, parseField(notation)]),
    );
    parsed.set(name, fields);
  }
  return fields;
}

/** The type of a field of a struct or of a value of a map; undefined when the struct has no such field. */
export function fieldType(of: FieldType, field: string): FieldType | undefined {
  switch (of.kind) {
    case 'struct':
      return fieldsOf(of.name).get(field);
    case 'map':
      return of.of;
    default:
      return ANY;
  }
}

/** The notation of schema.json: `[]core.v1.Container map=name merge=name`, `string default="TCP"`, `{}quantity`. */
function parseField(notation: string): FieldType {
  const [base = 'any', ...flags] = notation.split(' ');
  const flag = (name: string): string | undefined =>
    flags.find((f) => f === name || f.startsWith(`${name}=`))?.slice(name.length + 1);
  if (base.startsWith('[]')) {
    const keys = flag('map');
    const mergeKey = flag('merge');
    return {
      kind: 'list',
      of: parseField(base.slice(2)),
      listType: keys !== undefined ? 'map' : flag('set') !== undefined ? 'set' : 'atomic',
      keys: keys?.split(',') ?? [],
      ...(mergeKey === undefined ? {} : { mergeKey }),
      retainKeys: flag('retainKeys') !== undefined,
    };
  }
  if (base.startsWith('{}')) {
    return { kind: 'map', of: parseField(base.slice(2)), atomic: flag('atomic') !== undefined };
  }
  if (base === 'any') return ANY;
  if (isScalar(base)) {
    const written = flag('default');
    return {
      kind: 'scalar',
      name: base,
      ...(written === undefined ? {} : { defaultTo: JSON.parse(written) as unknown }),
    };
  }
  return {
    kind: 'struct',
    name: base,
    atomic: types[base]?.[''] === 'atomic' || flag('atomic') !== undefined,
    retainKeys: flag('retainKeys') !== undefined,
  };
}

function isScalar(name: string): name is Scalar {
  return SCALARS.has(name);
}

/** The default a key field of an entry has when the entry leaves it out (`protocol: TCP`). */
export function keyDefault(entry: FieldType, key: string): unknown {
  const type = entry.kind === 'struct' ? fieldsOf(entry.name).get(key) : undefined;
  return type?.kind === 'scalar' ? type.defaultTo : undefined;
}

/** The values by which an entry of a `map` list is told apart, in the order of the list's keys. */
export function entryKey(
  list: Extract<FieldType, { kind: 'list' }>,
  entry: unknown,
): Readonly<Record<string, unknown>> {
  const fields = isRecord(entry) ? entry : {};
  return Object.fromEntries(
    list.keys.flatMap((key) => {
      const value = fields[key] ?? keyDefault(list.of, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** All type names with their fields in the notation of schema.json, for the OpenAPI document. */
export function allTypes(): readonly string[] {
  return Object.keys(types);
}
