/**
 * What a request asks, read from its method and path alone, as the authorizer and the audit log need it.
 * Source: apiserver/pkg/endpoints/request/requestinfo.go.
 */
export type RequestInfo =
  | {
      readonly kind: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      /** What follows the subresource, for the proxies. */
      readonly rest: readonly string[];
    }
  | { readonly kind: 'nonResource'; readonly verb: string; readonly path: string };

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

export function readRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const nonResource: RequestInfo = { kind: 'nonResource', verb: method.toLowerCase(), path };
  const [prefix, ...afterPrefix] = parts;
  let group = '';
  let rest = afterPrefix;
  if (prefix === 'apis') [group = '', ...rest] = afterPrefix;
  else if (prefix !== 'api') return nonResource;
  const [version, ...afterVersion] = rest;
  let [...tail] = afterVersion;
  if (version === undefined || tail.length === 0) return nonResource;

  let verb = VERBS[method] ?? '';
  if (tail[0] === 'watch' && tail.length > 1) {
    verb = 'watch';
    tail = tail.slice(1);
  }
  let namespace = '';
  if (tail[0] === 'namespaces' && tail.length > 1) {
    namespace = tail[1] ?? '';
    if (tail.length > 2 && !NAMESPACE_SUBRESOURCES.has(tail[2] ?? '')) tail = tail.slice(2);
  }
  const [resource = '', given = '', subresource = '', ...more] = tail;
  let name = given;
  if (name === '' && verb === 'get') {
    name = nameInFieldSelector(query);
    verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  }
  if (name === '' && verb === 'delete') {
    name = nameInFieldSelector(query);
    verb = 'deletecollection';
  }
  return { kind: 'resource', verb, group, version, resource, subresource, namespace, name, rest: more };
}

/** A list restricted to one name is authorized as a request for that name. */
function nameInFieldSelector(query: URLSearchParams): string {
  return /(?:^|,)metadata\.name==?([^,!=]+)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
}

/** Go's reading of a boolean query parameter: present without a value is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(value);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
