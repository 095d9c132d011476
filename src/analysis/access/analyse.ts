import { becauseOfGap, type Because } from '../../model/because.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findAuthorizers } from './authorizers.ts';
import { indexBindings, namespaceOf } from './binding-index.ts';
import { becauseOfGrant, grantOf } from './grants.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { CLUSTER_ROLE, ROLE } from './kinds.ts';
import { compileAccess, type CompiledBinding, type CompiledRole } from './objects.ts';
import { ruleAllows } from './rules.ts';
import { formatSubject, MASTERS } from './subjects.ts';
import type {
  AccessDecision,
  AccessFinding,
  AccessRequest,
  EffectiveRules,
  Grant,
  PolicyRule,
  Requester,
  WhoCanAnswer,
} from './types.ts';
import { whyOpen, whyRolesOpen, bindingGaps } from './unknowns.ts';
import { whoCanIn } from './who-can.ts';

/** Who may do what in one snapshot. Questions are pure and cheap; the index is built once. */
export interface AccessAnalysis {
  /** Would the API server's authorizers (Node, RBAC) allow this request? */
  decide(requester: Requester, request: AccessRequest): AccessDecision;
  /** The bound subjects each of which would be allowed alone. */
  whoCan(request: AccessRequest): WhoCanAnswer;
  /** Every rule that holds for a requester in a namespace; with an empty one, those that hold everywhere. */
  rulesFor(requester: Requester, namespace: string): EffectiveRules;
  /** Bindings that apply to a requester in a namespace, whatever their role. */
  bindingsOf(requester: Requester, namespace: string): readonly CompiledBinding[];
  /** The rules of a role a binding in this namespace could refer to. */
  rulesOfRole(
    kind: 'Role' | 'ClusterRole',
    namespace: string,
    name: string,
  ): readonly PolicyRule[] | 'missing' | 'unread';
  /** Every role, with the rules it has at the API server. */
  readonly roles: readonly CompiledRole[];
  /** Why roles of this kind could not all be read. */
  whyRoleUnread(kind: 'Role' | 'ClusterRole', namespace: string): readonly Because[];
  /** One grant for each rule of the role a binding refers to, in order. */
  grantsOf(binding: CompiledBinding): readonly Grant[];
  /** Every binding and its role, as compiled. */
  readonly bindings: readonly CompiledBinding[];
  /** What is wrong in the RBAC objects: bindings to missing roles, subjects that are nobody. */
  readonly findings: readonly AccessFinding[];
  /** What the reader of an answer should know: defaults that were added, authorizers that can't be seen. */
  readonly notes: readonly string[];
}

/**
 * Access exactly as the Node and RBAC authorizers of Kubernetes decide it, from what the snapshot holds. What was
 * not read never turns into "no": an answer it could change is `unknown`. Building is linear in rules and subjects;
 * a question costs the rules filed under its resource or the bindings of its requester.
 */
export function analyseAccess(snapshot: Snapshot): AccessAnalysis {
  const compiled = compileAccess(snapshot);
  const index = indexBindings(compiled.bindings, compiled.subjects);
  const authorizers = findAuthorizers(snapshot);
  const node = nodeAuthorizer(snapshot);

  return {
    decide,
    whoCan: whoCanIn(snapshot, index, authorizers),
    rulesFor,
    bindingsOf: (requester, namespace) => index.of(requester, namespace),
    rulesOfRole(kind, namespace, name) {
      const role = compiled.roleOf(kind, namespace, name);
      return typeof role === 'string' ? role : role.incomplete ? 'unread' : role.rules;
    },
    roles: compiled.roles,
    whyRoleUnread: (kind, namespace) =>
      (kind === 'Role' ? snapshot.gaps([ROLE], namespace) : snapshot.gaps([CLUSTER_ROLE])).map(becauseOfGap),
    grantsOf: (binding) => grantsOf(binding, () => true),
    bindings: compiled.bindings,
    findings: compiled.findings,
    notes: [...compiled.notes, ...authorizers.notes],
  };

  function decide(requester: Requester, request: AccessRequest): AccessDecision {
    const bindings = index.of(requester, namespaceOf(request));
    const grants = bindings.flatMap((binding) => grantsOf(binding, (policy) => ruleAllows(policy, request)));
    const allowing = [
      ...masters(requester),
      ...authorizers.everything,
      ...grants.map((grant) => becauseOfGrant(grant, snapshot)),
    ];
    if (allowing.length > 0) return { allowed: true, grants, because: allowing };
    const asNode = node(requester, request);
    if (asNode?.allowed === true) return { allowed: true, grants, because: asNode.because };
    const open = [
      ...whyOpen(snapshot, bindings, request),
      ...(asNode?.allowed === 'unknown' ? asNode.because : []),
      ...authorizers.others,
    ];
    if (open.length > 0) return { allowed: 'unknown', grants, because: open };
    return { allowed: false, grants, because: [...(asNode?.because ?? []), nothingGrants(requester, bindings)] };
  }

  function rulesFor(requester: Requester, namespace: string): EffectiveRules {
    const bindings = index.of(requester, namespace);
    return {
      grants: bindings.flatMap((binding) => grantsOf(binding, () => true)),
      unknown: [
        ...bindingGaps(snapshot, namespace).map(becauseOfGap),
        ...whyRolesOpen(snapshot, bindings),
        ...authorizers.others,
      ],
    };
  }
}

function grantsOf(binding: CompiledBinding, wanted: (policy: Grant['policy']) => boolean): readonly Grant[] {
  const { role } = binding;
  if (typeof role === 'string') return [];
  return role.rules.flatMap((policy, rule) => (wanted(policy) ? [grantOf(binding, role, rule, policy)] : []));
}

/** The API server asks this group's own authorizer before any other: no RBAC object can take it away. */
function masters(requester: Requester): readonly Because[] {
  if (!requester.groups.includes(MASTERS)) return [];
  const says = `Group ${MASTERS} may do everything: the API server has it built in, ahead of RBAC`;
  return [{ kind: 'rule', source: 'kubernetes pkg/kubeapiserver/authorizer', says }];
}

function nothingGrants(requester: Requester, bindings: readonly CompiledBinding[]): Because {
  const who = [`User ${requester.user}`, ...requester.groups.map((name) => formatSubject({ kind: 'Group', name }))];
  const named = bindings.filter(({ builtIn }) => !builtIn).length;
  const says =
    named === 0
      ? `no binding here names ${who.join(' or ')}`
      : named === 1
        ? `the one binding that names ${who.join(' or ')} does not allow it`
        : `none of the ${named} bindings that name ${who.join(' or ')} allows it`;
  return { kind: 'absence', of: 'grant', says };
}
