import type { AccessRequest, Requester } from '../analysis/access/types.ts';
import type { JsonRecord } from '../model/json.ts';

/** The review that asks whether somebody (we ourselves when nobody is named) may do something. */
export function accessReview(
  request: AccessRequest,
  as?: Requester,
): { readonly path: string; readonly body: JsonRecord } {
  const kind = as ? 'SubjectAccessReview' : 'SelfSubjectAccessReview';
  const spec = { ...attributesOf(request), ...(as ? { user: as.user, groups: as.groups } : {}) };
  return {
    path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind, spec },
  };
}

function attributesOf(request: AccessRequest): JsonRecord {
  if (request.kind === 'nonResource') return { nonResourceAttributes: { verb: request.verb, path: request.path } };
  const { verb, group, resource, subresource, name, namespace } = request;
  return { resourceAttributes: { verb, group, resource, subresource, name, namespace } };
}
