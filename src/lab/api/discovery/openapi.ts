import type { JsonRecord } from '../../../model/json.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import { PATCH_TYPES } from '../operations/change.ts';
import type { Registry } from '../registry.ts';
import { allTypes, fieldsOf, rootType, type FieldType } from '../schema/types.ts';

/**
 * OpenAPI v3, as much of it as clients act on: kubectl looks up whether a kind's PATCH takes `fieldValidation` and
 * server-side apply, and takes merge keys from the schemas. No descriptions, no parameters beyond those.
 */

/** `/openapi/v3` */
export function openApiIndex(registry: Registry): JsonRecord {
  const versions = new Set(registry.kinds().map(pathPrefix));
  return {
    paths: Object.fromEntries([...versions].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])),
  };
}

/** `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/VERSION`; undefined when nothing is served there. */
export function openApiDocument(registry: Registry, path: string): JsonRecord | undefined {
  const kinds = registry.kinds().filter((kind) => pathPrefix(kind) === path);
  if (kinds.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0-seaworthy-lab' },
    paths: Object.fromEntries(kinds.filter(({ review }) => !review).flatMap(pathsOf)),
    components: { schemas: schemasOf(kinds) },
  };
}

function pathPrefix(kind: ApiKind): string {
  return `${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`;
}

function pathsOf(kind: ApiKind): readonly (readonly [string, JsonRecord])[] {
  const base = `/${pathPrefix(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.resource}`;
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const operation = (action: string, extra: JsonRecord = {}): JsonRecord => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    parameters,
    responses: { 200: { description: 'OK' } },
    ...extra,
  });
  const types = Object.values(PATCH_TYPES).filter(
    (type) => type !== PATCH_TYPES.strategic || rootType(apiVersionOf(kind), kind.kind).kind !== 'any',
  );
  const patched = {
    requestBody: { content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }])) },
  };
  return [
    [base, { get: operation('list'), post: operation('post') }],
    [
      `${base}/{name}`,
      { get: operation('get'), put: operation('put'), patch: operation('patch', patched), delete: operation('delete') },
    ],
  ];
}

function schemasOf(kinds: readonly ApiKind[]): JsonRecord {
  const reached = new Set<string>();
  const reach = (type: FieldType): void => {
    if (type.kind === 'list' || type.kind === 'map') reach(type.of);
    if (type.kind !== 'struct' || reached.has(type.name)) return;
    reached.add(type.name);
    for (const field of fieldsOf(type.name).values()) reach(field);
  };
  const roots = new Map<string, ApiKind>();
  for (const kind of kinds) {
    const type = rootType(apiVersionOf(kind), kind.kind);
    reach(type);
    if (type.kind === 'struct') roots.set(type.name, kind);
  }
  return Object.fromEntries(
    allTypes()
      .filter((name) => reached.has(name))
      .map((name) => [fullName(name), structSchema(name, roots.get(name))]),
  );
}

/** The types' names as upstream's documents have them. */
function fullName(name: string): string {
  if (name.startsWith('meta.')) return `io.k8s.apimachinery.pkg.apis.${name}`;
  if (name.startsWith('apiextensions.')) return `io.k8s.apiextensions-apiserver.pkg.apis.${name}`;
  return `io.k8s.api.${name}`;
}

function structSchema(name: string, root: ApiKind | undefined): JsonRecord {
  const properties = [...fieldsOf(name)].map(([field, type]) => [field, schemaOf(type)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(root
      ? { 'x-kubernetes-group-version-kind': [{ group: root.group, version: root.version, kind: root.kind }] }
      : {}),
  };
}

function schemaOf(type: FieldType): JsonRecord {
  switch (type.kind) {
    case 'any':
      return { type: 'object' };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(type.of) };
    case 'struct':
      return {
        allOf: [{ $ref: `#/components/schemas/${fullName(type.name)}` }],
        ...(type.retainKeys ? { 'x-kubernetes-patch-strategy': 'retainKeys' } : {}),
      };
    case 'list':
      return {
        type: 'array',
        items: schemaOf(type.of),
        'x-kubernetes-list-type': type.listType,
        ...(type.keys.length > 0 ? { 'x-kubernetes-list-map-keys': type.keys } : {}),
        ...(type.mergeKey === undefined
          ? {}
          : { 'x-kubernetes-patch-strategy': type.retainKeys ? 'merge,retainKeys' : 'merge' }),
        ...(type.mergeKey ? { 'x-kubernetes-patch-merge-key': type.mergeKey } : {}),
      };
    case 'scalar':
      switch (type.name) {
        case 'int':
          return { type: 'integer' };
        case 'bool':
          return { type: 'boolean' };
        case 'number':
          return { type: 'number' };
        case 'intOrString':
          return { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] };
        default:
          return { type: 'string' };
      }
  }
}
