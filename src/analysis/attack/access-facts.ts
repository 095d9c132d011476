import type { AccessAnalysis } from '../access/index.ts';
import type { CompiledBinding } from '../access/objects.ts';
import { requesterKeys, subjectKey } from '../access/subjects.ts';
import type { BoundSubject, Requester } from '../access/types.ts';
import { node, type AttackNode } from './nodes.ts';
import type { HeldRule } from './permissions.ts';

/** The part of the graph's facts that the access analysis knows. */
export interface AccessFacts {
  rulesOf(requester: Requester): readonly HeldRule[];
  readonly subjects: readonly AttackNode[];
}

/** Files every binding under its subjects once; a requester's rules are then those of the keys it answers to. */
export function accessFacts(access: AccessAnalysis): AccessFacts {
  const bySubject = new Map<string, CompiledBinding[]>();
  const subjects = new Map<string, AttackNode>();
  for (const binding of access.bindings) {
    for (const subject of binding.subjects) {
      const key = subjectKey(subject);
      const known = bySubject.get(key);
      if (known) known.push(binding);
      else bySubject.set(key, [binding]);
      subjects.set(key, nodeOf(subject));
    }
  }
  return {
    rulesOf: (requester) =>
      [...new Set(requesterKeys(requester).flatMap((key) => bySubject.get(key) ?? []))].flatMap(rulesOfBinding),
    subjects: [...subjects.values()],
  };
}

function rulesOfBinding(binding: CompiledBinding): readonly HeldRule[] {
  const { role } = binding;
  if (typeof role === 'string') return [];
  return role.rules.map((rule, index) => ({
    namespace: binding.namespace === '' ? undefined : binding.namespace,
    rule,
    index,
    role: role.ref,
    binding: binding.ref,
  }));
}

/** A service account as its token, everybody else as the identity. */
function nodeOf(subject: BoundSubject): AttackNode {
  switch (subject.kind) {
    case 'ServiceAccount':
      return node('Token', subject.name, subject.namespace ?? '');
    case 'User':
      return node('Identity', subject.name);
    case 'Group':
      return node('Identity', `group:${subject.name}`);
  }
}
