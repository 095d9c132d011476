import type { AccessAnalysis } from './analyse.ts';
import { allOf, anyOf, ruled } from './decisions.ts';
import { describeAtom, uncovered } from './rule-cover.ts';
import { MASTERS } from './subjects.ts';
import type { AccessDecision, PolicyRule, Requester, ResourceRequest } from './types.ts';

/** Handing out rights: the checks the API server makes, besides RBAC itself, when a role or a binding is written. */

const RBAC = 'rbac.authorization.k8s.io';
const SOURCE = 'kubernetes pkg/registry/rbac';

/** The rules that stand for everything; setting an `aggregationRule` needs them. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

export type Write = 'create' | 'update' | 'patch';

export interface RoleWrite {
  readonly verb: Write;
  /** Empty for a ClusterRole. */
  readonly namespace: string;
  readonly name: string;
  /** The rules the role would have afterwards. */
  readonly rules: readonly PolicyRule[];
  /** It has an `aggregationRule`, before or afterwards. */
  readonly aggregates?: boolean;
}

/**
 * May a requester write a role with these rules? Needs the verb on the role, and either `escalate` on it, or rules of its own
 * that cover every rule: those of the role's namespace, or cluster-wide ones for a ClusterRole.
 */
export function mayWriteRole(access: AccessAnalysis, requester: Requester, write: RoleWrite): AccessDecision {
  const { verb, namespace, rules, aggregates = false } = write;
  // The request of a create carries no name, so neither does its check of escalate.
  const name = verb === 'create' ? '' : write.name;
  const resource = namespace === '' ? 'clusterroles' : 'roles';
  const ask = (asked: string): AccessDecision =>
    access.decide(requester, { ...onRbac(resource, namespace, name), verb: asked });
  const needed = aggregates ? [...rules, ...EVERYTHING] : rules;
  return allOf([
    ask(verb),
    anyOf([...superuser(requester), ask('escalate'), holds(access, requester, namespace, needed)]),
  ]);
}

export interface BindingWrite {
  readonly verb: Write;
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly name: string;
  readonly role: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string };
}

/**
 * May a requester write a binding to this role? Needs the verb on the binding, and either `bind` on the role, asked in the
 * binding's namespace, or rules of its own that cover all of the role's.
 */
export function mayBind(access: AccessAnalysis, requester: Requester, write: BindingWrite): AccessDecision {
  const { verb, namespace, role } = write;
  const resource = namespace === '' ? 'clusterrolebindings' : 'rolebindings';
  const name = verb === 'create' ? '' : write.name;
  const written = access.decide(requester, { ...onRbac(resource, namespace, name), verb });
  const roles = role.kind === 'Role' ? 'roles' : 'clusterroles';
  const bind = access.decide(requester, { ...onRbac(roles, namespace, role.name), verb: 'bind' });
  const rules = access.rulesOfRole(role.kind, namespace, role.name);
  const held =
    rules === 'missing'
      ? ruled(false, SOURCE, `${role.kind} ${role.name} does not exist, so nobody covers its rules`)
      : rules === 'unread'
        ? { allowed: 'unknown' as const, grants: [], because: access.whyRoleUnread(role.kind, namespace) }
        : holds(access, requester, namespace, rules);
  return allOf([written, anyOf([...superuser(requester), bind, held])]);
}

/** Whether the requester's own rules cover others, as the escalation check asks: an RBAC matter, other authorizers don't count. */
function holds(
  access: AccessAnalysis,
  requester: Requester,
  namespace: string,
  needed: readonly PolicyRule[],
): AccessDecision {
  const own = access.rulesFor(requester, namespace);
  const missing = uncovered(
    own.grants.map(({ policy }) => policy),
    needed,
  );
  if (missing.length === 0) return { allowed: true, grants: own.grants, because: [coverReason(requester)] };
  if (own.unknown.length > 0) return { allowed: 'unknown', grants: [], because: own.unknown };
  const first = missing.slice(0, 3).map(describeAtom).join('; ');
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return ruled(false, SOURCE, `${requester.user} does not hold what it would hand out: ${first}${more}`);
}

function coverReason(requester: Requester): AccessDecision['because'][number] {
  return { kind: 'rule', source: SOURCE, says: `${requester.user} already holds every rule it would hand out` };
}

function superuser(requester: Requester): readonly AccessDecision[] {
  if (!requester.groups.includes(MASTERS)) return [];
  return [ruled(true, SOURCE, `members of ${MASTERS} may hand out anything`)];
}

function onRbac(resource: string, namespace: string, name: string): Omit<ResourceRequest, 'verb'> {
  return { kind: 'resource', group: RBAC, resource, subresource: '', namespace, name };
}
