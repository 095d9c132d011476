/** One request to an API server. Cases run in order in one namespace; later ones find what earlier ones made. */
export interface Case {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `$name` stands for what an earlier case has kept under this name. */
  readonly path: string;
  /** A string is sent as it is, all else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the answer to keep for later cases, by dotted path. */
  readonly keep?: Readonly<Record<string, string>>;
  /** The status of the object is compared too. */
  readonly status?: true;
  /** Only code and reason are compared: the sentence is made by Go's own libraries. */
  readonly reasonOnly?: true;
  /** Asked again until this dotted path has this value: controllers need a moment. */
  readonly until?: readonly [path: string, value: unknown];
}

export const NAMESPACE = 'recorded';
export const core = `/api/v1/namespaces/${NAMESPACE}`;

/** Path of a namespaced collection of a group. */
export function collection(groupVersion: string, resource: string): string {
  return `/apis/${groupVersion}/namespaces/${NAMESPACE}/${resource}`;
}

export function post(name: string, path: string, body: unknown, more: Partial<Case> = {}): Case {
  return { name, method: 'POST', path, body, ...more };
}

export function get(name: string, path: string, more: Partial<Case> = {}): Case {
  return { name, method: 'GET', path, ...more };
}

export function remove(name: string, path: string, body?: unknown, more: Partial<Case> = {}): Case {
  return { name, method: 'DELETE', path, ...(body === undefined ? {} : { body }), ...more };
}

export function put(name: string, path: string, body: unknown, more: Partial<Case> = {}): Case {
  return { name, method: 'PUT', path, body, ...more };
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export function patch(
  name: string,
  type: keyof typeof PATCH_TYPES,
  path: string,
  body: unknown,
  more: Partial<Case> = {},
): Case {
  return { name, method: 'PATCH', path, body, headers: { 'content-type': PATCH_TYPES[type] }, ...more };
}

export function configMap(name: string, data?: Readonly<Record<string, string>>, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...(data ? { data } : {}) };
}
