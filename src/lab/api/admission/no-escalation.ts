import type { AccessRequest } from '../../../analysis/access/index.ts';
import { at, list, records, strings, text } from '../../../model/json.ts';
import { forbidden } from '../http/status.ts';
import { sameJson } from '../objects.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Nobody gives away what he hasn't got: writing a role needs all it grants (or `escalate`), writing a binding needs
 * all its role grants (or `bind`). Source: pkg/registry/rbac/*\/policybased/storage.go.
 */
export const noEscalation: AdmissionPlugin = (request) => {
  const { kind, draft, before } = request;
  if (kind.group !== GROUP) return;
  const namespace = draft.metadata.namespace ?? '';
  if (kind.kind === 'Role' || kind.kind === 'ClusterRole') {
    if (before && sameJson(before['rules'], draft['rules'])) return;
    if (may(request, verbOn('escalate', kind.resource, draft.metadata.name, namespace))) return;
    refuseMissing(request, draft['rules'], namespace);
    return;
  }
  if (before && sameJson(before['subjects'], draft['subjects'])) return;
  const roleKind = text(at(draft, 'roleRef', 'kind')) ?? '';
  const roleName = text(at(draft, 'roleRef', 'name')) ?? '';
  const resource = roleKind === 'ClusterRole' ? 'clusterroles' : 'roles';
  const roleNamespace = roleKind === 'ClusterRole' ? '' : namespace;
  if (may(request, verbOn('bind', resource, roleName, namespace))) return;
  const role = request.core.store.get(`${resource}.${GROUP}`, roleNamespace || undefined, roleName);
  if (!role) {
    throw forbidden(kind, draft.metadata.name, `role "${roleName}" not found, and binding it needs the verb bind`);
  }
  refuseMissing(request, role['rules'], namespace);
};

function may({ core, call }: AdmissionRequest, access: AccessRequest): boolean {
  return core.authorizer.decide(call.requester, access).allowed;
}

function verbOn(verb: string, resource: string, name: string, namespace: string): AccessRequest {
  return { kind: 'resource', verb, group: GROUP, resource, subresource: '', name, namespace };
}

function refuseMissing(request: AdmissionRequest, rules: unknown, namespace: string): void {
  const missing = records(rules).find(([, rule]) => !atoms(rule, namespace).every((access) => may(request, access)));
  if (!missing) return;
  const { kind, draft, call } = request;
  const [, rule] = missing;
  const lists = [
    ['APIGroups', 'apiGroups'],
    ['Resources', 'resources'],
    ['ResourceNames', 'resourceNames'],
    ['NonResourceURLs', 'nonResourceURLs'],
    ['Verbs', 'verbs'],
  ] as const;
  const said = lists
    .flatMap(([label, field]) => (list(rule[field]).length > 0 ? [`${label}:${JSON.stringify(rule[field])}`] : []))
    .join(', ');
  throw forbidden(
    kind,
    draft.metadata.name,
    `user ${JSON.stringify(call.requester.user)} (groups=${JSON.stringify(call.requester.groups)}) is attempting to grant RBAC permissions not currently held:\n{${said}}`,
  );
}

/** Every single request a rule stands for; a wildcard stands for itself. */
function atoms(rule: Readonly<Record<string, unknown>>, namespace: string): readonly AccessRequest[] {
  const names = strings(rule['resourceNames']);
  return strings(rule['verbs']).flatMap((verb) => [
    ...strings(rule['nonResourceURLs']).map((path): AccessRequest => ({ kind: 'nonResource', verb, path })),
    ...strings(rule['apiGroups']).flatMap((group) =>
      strings(rule['resources']).flatMap((full) =>
        (names.length > 0 ? names : ['']).map((name): AccessRequest => {
          const [resource = '', subresource = ''] = full.split('/');
          return { kind: 'resource', verb, group, resource, subresource, name, namespace };
        }),
      ),
    ),
  ]);
}
