import {
  requesterOf,
  serviceAccountOf,
  type AccessRequest,
  type Requester,
  type UsedRequest,
} from '../../analysis/access/index.ts';
import { at, isRecord, record, strings, text } from '../../model/json.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';
const WRITES: readonly string[] = ['create', 'update', 'patch'];

/** Everything the API server asked its authorizers before it let a request of an audit log through. */
export function usedBy(event: unknown): readonly UsedRequest[] {
  const own = requesterIn(at(event, 'user'));
  const impersonated = at(event, 'impersonatedUser');
  if (!isRecord(impersonated)) return requestsOf(event, own);
  // Impersonated requests use the rights of whom they act as, and the right to act as them.
  const as = requesterIn(impersonated);
  return [
    ...impersonations(impersonated, as).map((request) => ({ requester: own, request })),
    ...requestsOf(event, as),
  ];
}

function requesterIn(user: unknown): Requester {
  return { user: text(at(user, 'username')) ?? '', groups: strings(at(user, 'groups')) };
}

/** What was asked before somebody acted as another: for the user, and for each group, id and extra that was named. */
function impersonations(impersonated: unknown, as: Requester): readonly AccessRequest[] {
  const account = serviceAccountOf(as.user);
  const ask = (
    group: string,
    resource: string,
    name: string,
    more: { namespace?: string; subresource?: string } = {},
  ) => resourceRequest('impersonate', { group, resource, name, ...more });
  // Groups that follow from the name are not asked for.
  const implied = new Set(requesterOf(as.user).groups);
  const uid = text(at(impersonated, 'uid'));
  return [
    account ? ask('', 'serviceaccounts', account.name, { namespace: account.namespace }) : ask('', 'users', as.user),
    ...as.groups.flatMap((group) => (implied.has(group) ? [] : [ask('', 'groups', group)])),
    ...(uid ? [ask(AUTHENTICATION, 'uids', uid)] : []),
    ...Object.entries(record(at(impersonated, 'extra'))).flatMap(([key, values]) =>
      strings(values).map((value) => ask(AUTHENTICATION, 'userextras', value, { subresource: key })),
    ),
  ];
}

/** The request itself, and what admission asks for some of them besides. */
function requestsOf(event: unknown, requester: Requester): readonly UsedRequest[] {
  const verb = text(at(event, 'verb')) ?? '';
  const object = at(event, 'objectRef');
  if (!isRecord(object)) {
    const path = (text(at(event, 'requestURI')) ?? '').replace(/\?.*$/, '');
    return [{ requester, request: { kind: 'nonResource', verb, path } }];
  }
  const field = (name: string): string => text(object[name]) ?? '';
  const target = {
    group: field('apiGroup'),
    resource: field('resource'),
    subresource: field('subresource'),
    namespace: field('namespace'),
    // A create carries no name when it is authorized, though the log has the one the object got.
    name: verb === 'create' && field('subresource') === '' ? '' : field('name'),
  };
  return [resourceRequest(verb, target), ...virtual(event, verb, target)].map((request) => ({ requester, request }));
}

type Target = Omit<Extract<AccessRequest, { kind: 'resource' }>, 'kind' | 'verb'>;

/** Verbs that no request has: they are asked about while roles, bindings and certificates are written. */
function virtual(event: unknown, verb: string, target: Target): readonly AccessRequest[] {
  const { group, resource, subresource, namespace, name } = target;
  if (group === RBAC && WRITES.includes(verb)) {
    if (resource.endsWith('bindings')) {
      const role = at(event, 'requestObject', 'roleRef');
      const resources = at(role, 'kind') === 'Role' ? ['roles'] : role ? ['clusterroles'] : ['roles', 'clusterroles'];
      const named = text(at(role, 'name')) ?? '';
      return resources.map((one) => resourceRequest('bind', { group, resource: one, namespace, name: named }));
    }
    return [resourceRequest('escalate', { group, resource, namespace, name })];
  }
  if (group === CERTIFICATES && (subresource === 'approval' || subresource === 'status')) {
    const signer = text(at(event, 'requestObject', 'spec', 'signerName')) ?? '';
    const asked = subresource === 'approval' ? 'approve' : 'sign';
    return [signer, `${signer.split('/')[0]}/*`].map((one) =>
      resourceRequest(asked, { group, resource: 'signers', name: signer === '' ? '' : one }),
    );
  }
  return [];
}

function resourceRequest(
  verb: string,
  { subresource = '', namespace = '', ...target }: Partial<Target> & Pick<Target, 'group' | 'resource' | 'name'>,
): AccessRequest {
  return { kind: 'resource', verb, subresource, namespace, ...target };
}
