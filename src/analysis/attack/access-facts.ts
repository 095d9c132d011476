import type { ObjectRef } from '../../model/object.ts';
import type { AccessAnalysis } from '../access/index.ts';
import type { CompiledBinding, CompiledRole } from '../access/objects.ts';
import { requesterKeys, subjectKey } from '../access/subjects.ts';
import type { BoundSubject, PolicyRule, Requester } from '../access/types.ts';

/** A role, where it counts (undefined: everywhere). */
export interface HeldRole {
  readonly role: CompiledRole;
  readonly namespace: string | undefined;
}

/** A role somebody is bound to. */
export interface BoundRole extends HeldRole {
  readonly binding: ObjectRef;
}

/** The part of the graph's facts that the access analysis knows. */
export interface AccessFacts {
  /** The roles bound to the user, or to the group, itself: what its groups are bound to is theirs. */
  rolesOf(subject: Requester): readonly BoundRole[];
  /** Users, groups and service accounts that some binding names, each once. */
  readonly subjects: readonly BoundSubject[];
  readonly bindings: readonly CompiledBinding[];
  /** The rules of a ClusterRole; undefined when there is none, or it was not read. */
  clusterRole(name: string): { readonly rules: readonly PolicyRule[] } | undefined;
}

/** Files every binding under the subjects it names. */
export function accessFacts(access: AccessAnalysis): AccessFacts {
  const bySubject = new Map<string, CompiledBinding[]>();
  const subjects = new Map<BoundSubject, string>();
  for (const binding of access.bindings) {
    for (const subject of binding.subjects) {
      // Equal subjects are one object, see `SubjectTable`.
      let key = subjects.get(subject);
      if (key === undefined) subjects.set(subject, (key = subjectKey(subject)));
      const known = bySubject.get(key);
      if (known) known.push(binding);
      else bySubject.set(key, [binding]);
    }
  }
  return {
    rolesOf: (subject) => requesterKeys(subject).flatMap((key) => (bySubject.get(key) ?? []).flatMap(boundRole)),
    subjects: [...subjects.keys()],
    bindings: access.bindings,
    clusterRole(name) {
      const rules = access.rulesOfRole('ClusterRole', '', name);
      return typeof rules === 'string' ? undefined : { rules };
    },
  };
}

function boundRole({ role, namespace, ref }: CompiledBinding): readonly BoundRole[] {
  if (typeof role === 'string') return [];
  return [{ role, namespace: namespace === '' ? undefined : namespace, binding: ref }];
}
