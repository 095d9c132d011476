import { isRecord, text } from '../../../model/json.ts';
import type { Call } from '../core.ts';
import { badRequest } from '../http/status.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import type { Draft } from '../objects.ts';
import { decode } from '../schema/decode.ts';
import { rootType } from '../schema/types.ts';

interface Expected {
  readonly kind: ApiKind;
  readonly namespace: string | undefined;
  /** Absent for create: the name is the object's own. */
  readonly name?: string;
}

/**
 * A body as an object of the kind its path names: unknown fields dropped and reported as `fieldValidation` asks,
 * wrong types refused, name and namespace those of the path.
 */
export function readObject(body: unknown, expected: Expected, call: Call): Draft {
  const { kind } = expected;
  if (!isRecord(body)) throw badRequest("couldn't get version/kind; json parse error: the body is not an object");
  const apiVersion = apiVersionOf(kind);
  const given = { apiVersion: text(body['apiVersion']) ?? apiVersion, kind: text(body['kind']) ?? kind.kind };
  if (given.apiVersion !== apiVersion || given.kind !== kind.kind) {
    throw badRequest(
      `${given.kind} in version "${given.apiVersion}" cannot be handled as a ${kind.kind}: the API version or kind in the data (${given.apiVersion}, ${given.kind}) does not match the expected (${apiVersion}, ${kind.kind})`,
    );
  }
  const decoded = decode(rootType(apiVersion, kind.kind), { ...body, ...given });
  if (decoded.mistyped !== undefined) {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${decoded.mistyped}`,
    );
  }
  reportUnknown(decoded.unknownFields, kind, call);
  const object = decoded.object as Draft;
  object.metadata = isRecord(object.metadata) ? { ...object.metadata } : ({} as Draft['metadata']);
  place(object, expected);
  return object;
}

function reportUnknown(fields: readonly string[], kind: ApiKind, call: Call): void {
  if (fields.length === 0 || call.fieldValidation === 'Ignore') return;
  const said = fields.map((field) => `unknown field "${field}"`);
  if (call.fieldValidation === 'Warn') {
    call.warnings.push(...said);
    return;
  }
  throw badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${said.join(', ')}`,
  );
}

function place(object: Draft, { kind, namespace, name }: Expected): void {
  const { metadata } = object;
  if (kind.namespaced) {
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    }
    if (namespace !== undefined) metadata.namespace = namespace;
  } else {
    delete metadata.namespace;
  }
  if (name === undefined) return;
  if (metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  metadata.name = name;
}
