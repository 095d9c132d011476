import { becauseOfGap } from '../../model/because.ts';
import type { Gap, Snapshot } from '../../model/snapshot.ts';
import type { Authorizers } from './authorizers.ts';
import { namespaceOf, type BindingIndex } from './binding-index.ts';
import { grantOf } from './grants.ts';
import { compareSubjects, MASTERS, subjectKey } from './subjects.ts';
import type { AccessRequest, BoundSubject, Grant, SubjectGrants, WhoCanAnswer } from './types.ts';
import { bindingGaps, isOpen, roleGaps, whyRolesOpen } from './unknowns.ts';

interface Known {
  readonly snapshot: Snapshot;
  readonly index: BindingIndex;
  readonly authorizers: Authorizers;
}

/** Every bound subject that would be allowed a request alone, by what was read and by what was not. */
export function whoCan({ snapshot, index, authorizers }: Known, request: AccessRequest): WhoCanAnswer {
  const found = new Map<string, { readonly subject: BoundSubject; readonly grants: Grant[] }>();
  const grantTo = (subject: BoundSubject, grants: readonly Grant[]): void => {
    const key = `${subject.kind}/${subjectKey(subject)}`;
    const known = found.get(key);
    if (known) known.grants.push(...grants.filter((grant) => !known.grants.includes(grant)));
    else found.set(key, { subject, grants: [...grants] });
  };
  grantTo({ kind: 'Group', name: MASTERS }, []);
  const scopes = index.scopes(request);
  for (const scope of scopes) {
    for (const [role, rules] of scope.rules.matching(request)) {
      for (const binding of scope.byRole.get(role) ?? []) {
        const grants = rules.flatMap((rule) => {
          const policy = role.rules[rule];
          return policy ? [grantOf(binding, role, rule, policy)] : [];
        });
        for (const subject of binding.subjects) grantTo(subject, grants);
      }
    }
  }
  const granted = [...found.values()].sort((a, b) => compareSubjects(a.subject, b.subject));
  const isBuiltIn = ({ subject, grants }: SubjectGrants): boolean =>
    !(subject.kind === 'Group' && subject.name === MASTERS) && grants.every((grant) => grant.builtIn);
  const open = scopes.flatMap((scope) => scope.bindings.filter(isOpen));
  const uncertain = new Map<string, BoundSubject>();
  for (const subject of open.flatMap((binding) => binding.subjects)) {
    const key = `${subject.kind}/${subjectKey(subject)}`;
    if (!found.has(key)) uncertain.set(key, subject);
  }
  const unread = bindingGaps(snapshot, namespaceOf(request));
  return {
    subjects: granted.filter((entry) => !isBuiltIn(entry)),
    builtIn: granted.filter(isBuiltIn),
    uncertain: [...uncertain.values()].sort(compareSubjects),
    gaps: [...new Set<Gap>([...unread, ...open.flatMap((binding) => roleGaps(snapshot, binding))])],
    unknown: [...unread.map(becauseOfGap), ...whyRolesOpen(snapshot, open), ...authorizers.others],
  };
}
