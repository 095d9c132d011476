import type { AccessAnalysis, AccessDecision, Grant, SubjectGrants } from '../../analysis/access/index.ts';
import type { Because } from '../../model/because.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** A grant in JSON: the chain, and the rule both by its index and in full. */
export function grantDocument({ binding, role, rule, policy, aggregatedFrom, builtIn }: Grant) {
  return {
    binding,
    role,
    rule,
    policy: Object.fromEntries(Object.entries(policy).filter(([, values]) => values.length > 0)),
    ...(aggregatedFrom ? { aggregatedFrom } : {}),
    ...(builtIn ? { builtIn } : {}),
  };
}

/** Reasons of a decision: its grants, or, where no binding decided, sentences. */
export function reasonsOf({ grants, because }: AccessDecision): readonly unknown[] {
  const bySentence = because.filter((reason) => reason.kind !== 'field' || grants.length === 0);
  return [...grants.map(grantDocument), ...bySentence];
}

/** A subject with its grants in JSON. */
export function subjectDocument({ subject, grants }: SubjectGrants) {
  const builtIn: Because = {
    kind: 'rule',
    source: 'kubernetes pkg/kubeapiserver/authorizer',
    says: 'the API server allows this group everything, ahead of RBAC',
  };
  return { ...subject, because: grants.length > 0 ? grants.map(grantDocument) : [builtIn] };
}

/** What was read, with what the access analysis adds: defaults it filled in, authorizers nobody can see. */
export function coverageOf(snapshot: Snapshot, access: AccessAnalysis) {
  return { ...snapshot.coverage, notes: [...snapshot.coverage.notes, ...access.notes] };
}
