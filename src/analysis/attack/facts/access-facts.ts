import type { ObjectRef } from '../../../model/object.ts';
import type { AccessAnalysis } from '../../access/index.ts';
import type { CompiledBinding, CompiledRole } from '../../access/objects.ts';
import { requesterKeys, subjectKey } from '../../access/subjects.ts';
import type { BoundSubject, Requester } from '../../access/types.ts';
import { once } from '../world/once.ts';

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
  /** The bindings that name a subject, by its `subjectKey`. */
  bindingsFor(key: string): readonly CompiledBinding[];
  /** The bindings of a namespace; with an empty one those of the cluster. */
  bindingsIn(namespace: string): readonly CompiledBinding[];
  /** The bindings of this name, in all namespaces. */
  bindingsNamed(name: string): readonly CompiledBinding[];
  /** The bindings that refer to a role of this name, in all namespaces. */
  bindingsOfRole(name: string): readonly CompiledBinding[];
  /** A role as it was read, complete or not. */
  role(kind: string, namespace: string, name: string): CompiledRole | undefined;
  /** The ClusterRole of a name; undefined when there is none, it was not read, or not all of its rules were. */
  clusterRole(name: string): CompiledRole | undefined;
  /** The Roles of a namespace. */
  rolesIn(namespace: string): readonly CompiledRole[];
  /** The Roles of this name, in all namespaces. */
  rolesNamed(name: string): readonly CompiledRole[];
}

/** In the place of a namespace: no namespace has a star in its name. */
const CLUSTER = '*';

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
  const roles = once(() =>
    Map.groupBy(access.roles, ({ ref }) => (ref.kind === 'Role' ? (ref.namespace ?? '') : CLUSTER)),
  );
  const byNamespace = once(() => Map.groupBy(access.bindings, (binding) => binding.namespace));
  const byName = once(() => Map.groupBy(access.bindings, ({ ref }) => ref.name));
  const byRole = once(() =>
    Map.groupBy(access.bindings, ({ role }) => (typeof role === 'string' ? '' : role.ref.name)),
  );
  const byRoleName = once(() =>
    Map.groupBy(
      access.roles.filter(({ ref }) => ref.kind === 'Role'),
      ({ ref }) => ref.name,
    ),
  );
  const clusterRoles = once(() => new Map((roles().get(CLUSTER) ?? []).map((role) => [role.ref.name, role])));
  return {
    rolesOf: (subject) => requesterKeys(subject).flatMap((key) => (bySubject.get(key) ?? []).flatMap(boundRole)),
    bindingsFor: (key) => bySubject.get(key) ?? [],
    subjects: [...subjects.keys()],
    bindingsIn: (namespace) => byNamespace().get(namespace) ?? [],
    bindingsNamed: (name) => byName().get(name) ?? [],
    bindingsOfRole: (name) => byRole().get(name) ?? [],
    role: (kind, namespace, name) =>
      kind === 'ClusterRole'
        ? clusterRoles().get(name)
        : byRoleName()
            .get(name)
            ?.find(({ ref }) => ref.namespace === namespace),
    clusterRole(name) {
      const role = clusterRoles().get(name);
      return role?.incomplete ? undefined : role;
    },
    rolesIn: (namespace) => roles().get(namespace) ?? [],
    rolesNamed: (name) => byRoleName().get(name) ?? [],
  };
}

function boundRole({ role, namespace, ref }: CompiledBinding): readonly BoundRole[] {
  if (typeof role === 'string') return [];
  return [{ role, namespace: namespace === '' ? undefined : namespace, binding: ref }];
}
