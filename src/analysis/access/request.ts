import type { AccessRequest, ResourceRequest } from './types.ts';

/** What a person writes to ask about access: `get pods/log web -n shop`, `get /metrics`. */
export interface WrittenRequest {
  readonly verb: string;
  /** `RESOURCE[.GROUP][/SUBRESOURCE]`, or a path that starts with `/`. */
  readonly target: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** Requests of these verbs name no object in their path, so none that gives them a namespace. */
const WITHOUT_NAME = ['list', 'watch', 'create', 'deletecollection'];

/**
 * The request the API server would make of it. Everything is literal and `*` asks for the wildcard itself. A request for a
 * Namespace object by name carries that namespace, as at the API server, so a RoleBinding in it can grant it.
 */
export function readRequest({ verb, target, name = '', namespace = '' }: WrittenRequest): AccessRequest {
  if (target.startsWith('/')) return { kind: 'nonResource', verb, path: target };
  const { resource, group, subresource } = readTarget(target);
  const request: ResourceRequest = { kind: 'resource', verb, group, resource, subresource, name, namespace };
  const isNamespace = resource === 'namespaces' && group === '' && name !== '' && !WITHOUT_NAME.includes(verb);
  return isNamespace && namespace === '' ? { ...request, namespace: name } : request;
}

/** `deployments.apps/scale`: the resource ends at the first dot, the group at the first slash. */
export function readTarget(target: string): Pick<ResourceRequest, 'resource' | 'group' | 'subresource'> {
  const slash = target.indexOf('/');
  const [before, subresource] = slash < 0 ? [target, ''] : [target.slice(0, slash), target.slice(slash + 1)];
  const dot = before.indexOf('.');
  const [resource, group] = dot < 0 ? [before, ''] : [before.slice(0, dot), before.slice(dot + 1)];
  return { resource, group, subresource };
}

/** `get pods/log web in namespace shop`, `get /metrics`. */
export function describeRequest(request: AccessRequest): string {
  if (request.kind === 'nonResource') return `${request.verb} ${request.path}`;
  const { verb, resource, group, subresource, name, namespace } = request;
  const of = group === '' ? '' : `.${group}`;
  const sub = subresource === '' ? '' : `/${subresource}`;
  const named = name === '' ? '' : ` ${name}`;
  const where = namespace === '' ? 'outside any namespace' : `in namespace ${namespace}`;
  return `${verb} ${resource}${of}${sub}${named} ${where}`;
}
