import type { ApiKind } from '../kinds.ts';

/** One reason of an `Invalid` answer; `field` in upstream's notation: `spec.containers[0].name`. */
export interface Cause {
  readonly reason: CauseReason;
  readonly message: string;
  readonly field: string;
}

export type CauseReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTypeInvalid'
  | 'FieldManagerConflict'
  | 'DisruptionBudget'
  | 'UnexpectedServerResponse';

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Partial<Cause>[];
  readonly retryAfterSeconds?: number;
}

/** A `Status` object, the body of every refusal. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** What a handler throws to answer with a Status. Shapes and sentences are upstream's (apimachinery/pkg/api/errors). */
export class ApiError extends Error {
  readonly status: Status;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details ? { details } : {}),
      code,
    };
  }
}

type Named = Pick<ApiKind, 'group' | 'resource' | 'kind'>;

function details(kind: Named, name: string, more: StatusDetails = {}): StatusDetails {
  return { ...(name ? { name } : {}), ...(kind.group ? { group: kind.group } : {}), kind: kind.resource, ...more };
}

/** `pods`, `deployments.apps`. */
function qualified(kind: Named): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}

export function notFound(kind: Named, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(kind)} "${name}" not found`, details(kind, name));
}

/** The path names no resource at all. */
export function noSuchPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(kind: Named, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, details(kind, name));
}

export function conflict(kind: Named, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, details(kind, name));
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(kind: Named, name: string, why: string): ApiError {
  const subject = name === '' ? qualified(kind) : `${qualified(kind)} "${name}"`;
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${why}`, details(kind, name));
}

export function badRequest(why: string): ApiError {
  return new ApiError(400, 'BadRequest', why);
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** For what the lab leaves out: 501 with a sentence, never a pretended success. */
export function notImplemented(sentence: string): ApiError {
  return new ApiError(501, 'NotImplemented', sentence);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function tooLargeRevision(asked: number, current: number): ApiError {
  return new ApiError(504, 'Timeout', `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: undefined as never, message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** 422 with one cause per field. */
export function invalid(kind: Named, name: string, causes: readonly Cause[]): ApiError {
  const group = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const sentences = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  const said = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${group} "${name}" is invalid: ${said}`, {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    kind: kind.kind,
    causes,
  });
}

/** 422 about the query of a request: upstream validates it as an object of `meta.k8s.io`. */
export function invalidOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions',
  cause: Cause,
): ApiError {
  return invalid({ group: 'meta.k8s.io', resource: '', kind }, '', [cause]);
}

/** What DELETE answers when the object is gone at once. */
export function deleted(kind: Named, name: string, uid: unknown): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: details(kind, name, typeof uid === 'string' ? { uid } : {}),
  };
}
