/**
 * Copies from a real kube-apiserver what the lab's API server takes as data: the shape of the built-in types
 * (`schema.json`). Run by hand when the Kubernetes version moves:
 *
 *     kubectl proxy --port 18001 & node src/lab/api/upstream/extract.ts http://127.0.0.1:18001
 *
 * These are facts of Kubernetes (Apache-2.0), without its prose.
 */
import { writeFile } from 'node:fs/promises';
import { isRecord, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { KINDS } from '../kinds.ts';

const server = process.argv[2] ?? 'http://127.0.0.1:18001';

async function get(path: string): Promise<JsonRecord> {
  const response = await fetch(server + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return record(await response.json());
}

const PREFIXES: readonly (readonly [string, string])[] = [
  ['io.k8s.api.', ''],
  ['io.k8s.apimachinery.pkg.apis.', ''],
  ['io.k8s.apiextensions-apiserver.pkg.apis.', ''],
];

const SCALARS: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'microTime',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': 'any',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
};

function shortName(full: string): string {
  const prefix = PREFIXES.find(([from]) => full.startsWith(from));
  return prefix ? prefix[1] + full.slice(prefix[0].length) : full;
}

const wanted = new Set<string>();

function referenced(schema: JsonRecord): string | undefined {
  const ref = text(schema['$ref']) ?? records(schema['allOf']).flatMap(([, s]) => text(s['$ref']) ?? [])[0];
  return ref?.replace('#/components/schemas/', '');
}

/** One field's type in the notation that `schema.ts` reads. */
function typeOf(schema: JsonRecord): string {
  const ref = referenced(schema);
  const flags: string[] = [];
  const value = schema['default'];
  if (value !== undefined && !isRecord(value) && value !== '' && value !== 0) {
    flags.push(`default=${JSON.stringify(value)}`);
  }
  const listType = text(schema['x-kubernetes-list-type']);
  const keys = strings(schema['x-kubernetes-list-map-keys']);
  if (listType === 'map') flags.push(`map=${keys.join(',')}`);
  if (listType === 'set') flags.push('set');
  if (schema['x-kubernetes-map-type'] === 'atomic') flags.push('atomic');
  const strategy = (text(schema['x-kubernetes-patch-strategy']) ?? '').split(',');
  const mergeKey = text(schema['x-kubernetes-patch-merge-key']);
  if (strategy.includes('merge')) flags.push(mergeKey === undefined ? 'merge' : `merge=${mergeKey}`);
  if (strategy.includes('retainKeys')) flags.push('retainKeys');
  return [base(schema, ref), ...flags].join(' ');
}

function base(schema: JsonRecord, ref: string | undefined): string {
  if (ref !== undefined) {
    const scalar = SCALARS[ref];
    if (scalar !== undefined) return scalar;
    wanted.add(ref);
    return shortName(ref);
  }
  switch (schema['type']) {
    case 'array':
      return `[]${typeOf(record(schema['items'])).split(' ')[0]}`;
    case 'object':
      return isRecord(schema['additionalProperties'])
        ? `{}${typeOf(schema['additionalProperties']).split(' ')[0]}`
        : 'any';
    case 'string':
      return schema['format'] === 'byte' ? 'bytes' : schema['format'] === 'date-time' ? 'time' : 'string';
    case 'integer':
      return 'int';
    case 'number':
      return 'number';
    case 'boolean':
      return 'bool';
    default:
      return 'any';
  }
}

async function extractSchema(): Promise<void> {
  const all: Record<string, JsonRecord> = {};
  const roots: Record<string, string> = {};
  for (const groupVersion of new Set(KINDS.map((kind) => [kind.group, kind.version].filter(Boolean).join('/')))) {
    const path = groupVersion.includes('/') ? `apis/${groupVersion}` : `api/${groupVersion}`;
    const schemas = record(record((await get(`/openapi/v3/${path}`))['components'])['schemas']);
    for (const [name, schema] of Object.entries(schemas)) all[name] = record(schema);
  }
  const served = new Set(KINDS.flatMap((k) => [k.kind, ...(k.subresourceKinds ?? [])]));
  for (const [name, schema] of Object.entries(all)) {
    const [gvk, ...more] = records(schema['x-kubernetes-group-version-kind']).map(([, entry]) => entry);
    const kind = text(gvk?.['kind']);
    if (!gvk || more.length > 0 || kind === undefined || !served.has(kind)) continue;
    wanted.add(name);
    roots[[gvk['group'], gvk['version'], kind].filter(Boolean).join('/')] = shortName(name);
  }
  const types: Record<string, Record<string, string>> = {};
  for (const name of wanted) {
    const schema = all[name] ?? {};
    const fields = Object.entries(record(schema['properties'])).map(
      ([field, of]) => [field, typeOf(record(of))] as const,
    );
    const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? [['', 'atomic'] as const] : [];
    types[shortName(name)] = Object.fromEntries([...atomic, ...fields]);
  }
  const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
  await save('schema.json', { roots, types: sorted });
}

function save(file: string, value: unknown): Promise<void> {
  return writeFile(new URL(file, import.meta.url), `${JSON.stringify(value, null, 1)}\n`);
}

await extractSchema();
