import type { AccessRequest } from '../../../analysis/access/index.ts';
import type { UserInfo } from '../core.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { ApiError } from '../http/status.ts';

/** The request as the authorizer sees it. */
export function accessRequest(info: RequestInfo): AccessRequest {
  if (info.kind === 'nonResource') return info;
  const { kind, verb, group, resource, subresource, name, namespace } = info;
  return { kind, verb, group, resource, subresource, name, namespace };
}

/** The 403 of the authorizer, in upstream's words. */
export function refusal(user: UserInfo, request: AccessRequest): ApiError {
  const who = `User "${user.user}"`;
  if (request.kind === 'nonResource') {
    return new ApiError(403, 'Forbidden', `forbidden: ${who} cannot ${request.verb} path "${request.path}"`, {});
  }
  const { verb, group, resource, subresource, name, namespace } = request;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const subject = name === '' ? qualified : `${qualified} "${name}"`;
  const message = `${subject} is forbidden: ${who} cannot ${verb} resource "${full}" in API group "${group}" ${where}`;
  return new ApiError(403, 'Forbidden', message, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: resource,
  });
}
