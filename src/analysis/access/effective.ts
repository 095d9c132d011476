import type { AccessAnalysis } from './analyse.ts';
import { atomsOf, describeAtom, type RuleAtom } from './rule-cover.ts';
import { compareSubjects } from './subjects.ts';
import type { AccessRequest, BoundSubject, Grant, PolicyRule, Requester } from './types.ts';
import { ruleAllows } from './rules.ts';

/** One thing a subject may do, in a namespace or (empty) everywhere. */
export interface SubjectRight {
  readonly subject: BoundSubject;
  readonly namespace: string;
  readonly atom: RuleAtom;
  /** `create pods/exec`, for a person. */
  readonly right: string;
}

export interface AccessChange extends SubjectRight {
  readonly change: 'added' | 'removed';
}

/**
 * What each bound subject gains and loses between two sources, as atoms of rules. A change in how a right is written or bound
 * (another role, two rules made one) is no change. Rights are compared literally: `*` replaced by a list shows as both.
 */
export function diffAccess(before: AccessAnalysis, after: AccessAnalysis): readonly AccessChange[] {
  const old = rightsOf(before);
  const now = rightsOf(after);
  const only = (a: typeof old, b: typeof old, change: AccessChange['change']): AccessChange[] =>
    [...a].flatMap(([key, right]) => (b.has(key) ? [] : [{ change, ...right }]));
  return [...only(now, old, 'added'), ...only(old, now, 'removed')].sort(
    (a, b) =>
      compareSubjects(a.subject, b.subject) ||
      order(a.namespace, b.namespace) ||
      order(a.right, b.right) ||
      order(a.change, b.change),
  );
}

function rightsOf(access: AccessAnalysis): ReadonlyMap<string, SubjectRight> {
  const rights = new Map<string, SubjectRight>();
  for (const { role, subjects, namespace } of access.bindings) {
    if (typeof role === 'string') continue;
    for (const atom of role.rules.flatMap(atomsOf)) {
      // A path can't be granted in a namespace: such a right is none.
      if (namespace !== '' && atom.url !== undefined) continue;
      const right = describeAtom(atom);
      for (const subject of subjects) {
        rights.set(JSON.stringify([subject, namespace, right]), { subject, namespace, atom, right });
      }
    }
  }
  return rights;
}

/** A request somebody made, as an audit log has it. */
export interface UsedRequest {
  readonly requester: Requester;
  readonly request: AccessRequest;
}

export interface UnusedGrant {
  readonly grant: Grant;
  readonly subjects: readonly BoundSubject[];
  readonly policy: PolicyRule;
}

/**
 * Rules of bindings that no request of a log needed: none of those who made requests and are bound by it made one that
 * the rule allows. Kubernetes' own bindings that were added are left out. What a log doesn't cover is not unused for ever.
 */
export function unusedGrants(access: AccessAnalysis, used: readonly UsedRequest[]): readonly UnusedGrant[] {
  const needed = new Map<object, Set<number>>();
  for (const { requester, request } of used) {
    const namespace = request.kind === 'resource' ? request.namespace : '';
    for (const binding of access.bindingsOf(requester, namespace)) {
      if (typeof binding.role === 'string') continue;
      const rules = needed.get(binding) ?? new Set<number>();
      binding.role.rules.forEach((policy, rule) => ruleAllows(policy, request) && rules.add(rule));
      needed.set(binding, rules);
    }
  }
  return access.bindings.flatMap((binding) =>
    binding.builtIn
      ? []
      : access
          .grantsOf(binding)
          .filter((_, rule) => needed.get(binding)?.has(rule) !== true)
          .map((grant) => ({ grant, subjects: binding.subjects, policy: grant.policy })),
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
