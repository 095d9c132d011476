import type { AccessRequest, Requester } from '../analysis/access/types.ts';
import { at, strings, text, type JsonRecord } from '../model/json.ts';
import type { Outcome } from '../model/outcome.ts';
import { outcomeOf, type Api } from './api-call.ts';

/** Asks whether somebody (we ourselves when nobody is named) may do something. */
export async function askReview(
  api: Api,
  request: AccessRequest,
  as?: Requester,
): Promise<Outcome<{ readonly allowed: boolean; readonly reason: string }>> {
  const { path, body } = accessReview(request, as);
  const answer = await api.call({ method: 'POST', path, body: JSON.stringify(body) });
  return outcomeOf(answer, ({ status }) => ({
    allowed: at(status, 'allowed') === true,
    reason: text(at(status, 'reason')) ?? '',
  }));
}

/** Asks as whom the API server knows us. */
export async function askWhoIAm(api: Api): Promise<Outcome<Requester>> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await api.call({ method: 'POST', path, body: JSON.stringify(body) });
  return outcomeOf(answer, ({ status }) => ({
    user: text(at(status, 'userInfo', 'username')) ?? '',
    groups: strings(at(status, 'userInfo', 'groups')),
  }));
}

function accessReview(request: AccessRequest, as?: Requester): { readonly path: string; readonly body: JsonRecord } {
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
