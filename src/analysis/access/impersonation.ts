import type { AccessAnalysis } from './analyse.ts';
import type { KubernetesVersion } from '../../model/snapshot.ts';
import { atLeast, NEWEST_KUBERNETES } from '../../model/version.ts';
import { allOf, anyOf, ruled } from './decisions.ts';
import { MASTERS, serviceAccountOf } from './subjects.ts';
import type { AccessDecision, AccessRequest, Requester, ResourceRequest } from './types.ts';

/** Who would be impersonated: the `Impersonate-*` headers. */
export interface Impersonated {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

const AUTHENTICATION = 'authentication.k8s.io';

/**
 * May a requester impersonate somebody, to make any request at all? Each header is one check of the verb `impersonate`: users
 * and groups are cluster-scoped, so a RoleBinding grants only service accounts of its namespace.
 * Source: apiserver pkg/endpoints/filters/impersonation.
 */
export function mayImpersonate(access: AccessAnalysis, requester: Requester, wanted: Impersonated): AccessDecision {
  return allOf(checks('impersonate', '', wanted).map((request) => access.decide(requester, request)));
}

/**
 * May a requester impersonate somebody for one request? By `impersonate`, or, from Kubernetes 1.36 (KEP-5284), by
 * `impersonate:MODE` on who is impersonated together with `impersonate-on:MODE:VERB` on what is asked. The mode follows from
 * who is impersonated: a node, a service account, or anybody else. The mode for a pod's own node, which depends on the
 * requester's token, is left out.
 */
export function mayImpersonateFor(
  access: AccessAnalysis,
  requester: Requester,
  wanted: Impersonated,
  request: AccessRequest,
  version: KubernetesVersion = NEWEST_KUBERNETES,
): AccessDecision {
  const unconstrained = mayImpersonate(access, requester, wanted);
  if (!atLeast(version, 1, 36)) return unconstrained;
  return anyOf([unconstrained, constrained(access, requester, wanted, request)]);
}

function constrained(
  access: AccessAnalysis,
  requester: Requester,
  wanted: Impersonated,
  request: AccessRequest,
): AccessDecision {
  const { user, groups = [], uid = '', extra = {} } = wanted;
  const node = user.startsWith('system:node:');
  const mode = node ? 'arbitrary-node' : serviceAccountOf(user) ? 'serviceaccount' : 'user-info';
  const source = 'KEP-5284';
  if (mode !== 'user-info' && (groups.length > 0 || uid !== '' || Object.keys(extra).length > 0)) {
    return ruled(false, source, `constrained impersonation of ${user} takes a user name and nothing else`);
  }
  if (groups.includes(MASTERS)) return ruled(false, source, `constrained impersonation never gives ${MASTERS}`);
  return allOf([
    access.decide(requester, { ...request, verb: `impersonate-on:${mode}:${request.verb}` }),
    ...checks(`impersonate:${mode}`, AUTHENTICATION, wanted).map((check) => access.decide(requester, check)),
  ]);
}

function checks(verb: string, group: string, wanted: Impersonated): readonly ResourceRequest[] {
  const { user, groups = [], uid = '', extra = {} } = wanted;
  const on = (resource: string, name: string, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
    kind: 'resource',
    verb,
    group,
    resource,
    subresource: '',
    name,
    namespace: '',
    ...more,
  });
  const account = serviceAccountOf(user);
  const node = group === AUTHENTICATION && user.startsWith('system:node:');
  const who = account
    ? on('serviceaccounts', account.name, { namespace: account.namespace })
    : node
      ? on('nodes', user.slice('system:node:'.length))
      : on('users', user);
  return [
    who,
    ...(uid === '' ? [] : [on('uids', uid, { group: AUTHENTICATION })]),
    ...groups.map((name) => on('groups', name)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => on('userextras', value, { group: AUTHENTICATION, subresource: key })),
    ),
  ];
}
