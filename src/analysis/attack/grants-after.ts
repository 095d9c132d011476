import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import { createSnapshot, type Resource, type Snapshot } from '../../model/snapshot.ts';
import { analyseAccess } from '../access/index.ts';
import { subjectKey } from '../access/subjects.ts';
import { accessFacts, type AccessFacts } from './access-facts.ts';
import type { OneChange } from './after.ts';

/**
 * Who has which role after one binding or role changed. Only the bindings that it is in are read again; what was known
 * stays as it was. Undefined when the change may reach further: to a role that others are made of, or is made of others.
 */
export function grantsAfter(
  before: AccessFacts,
  snapshot: Snapshot,
  object: KubernetesObject,
  change: OneChange,
): AccessFacts | undefined {
  const isRole = object.kind === 'Role' || object.kind === 'ClusterRole';
  const id = refId(refOf(object));
  const isIt = (ref: ObjectRef): boolean => ref.name === object.metadata.name && refId(ref) === id;
  if (object.kind === 'ClusterRole' && [change.before, change.after].some(isAggregated)) return undefined;
  // A role that is new may be what bindings without a role were waiting for.
  if (isRole && !change.before) return undefined;
  const touched = before.bindings.filter(({ ref, role }) =>
    isRole ? typeof role === 'object' && isIt(role.ref) : isIt(ref),
  );
  const bindings = isRole ? touched.map(({ resource }) => resource) : change.after ? [{ object: change.after }] : [];
  const roles = bindings.map(({ object: binding }) => roleOf(snapshot, binding));
  if (roles.some((role) => role === undefined || role.object['aggregationRule'] !== undefined)) return undefined;
  const some = createSnapshot({
    source: { kind: 'cluster', description: snapshot.source.description },
    gaps: snapshot.coverage.gaps,
    resources: [...bindings, ...new Set(isRole ? [...roles, itself(snapshot, change.after)] : roles)].filter(
      (one) => one !== undefined,
    ),
  });
  const again = accessFacts(analyseAccess(some));
  const gone = new Set<ObjectRef>(touched.map(({ ref }) => ref));
  const subjects = new Set(before.subjects.map(subjectKey));
  return {
    rolesOf: (subject) => [
      ...before.rolesOf(subject).filter(({ binding }) => !gone.has(binding)),
      ...again.rolesOf(subject),
    ],
    subjects: [...before.subjects, ...again.subjects.filter((subject) => !subjects.has(subjectKey(subject)))],
    bindings: [...before.bindings.filter(({ ref }) => !gone.has(ref)), ...again.bindings],
    clusterRole: (name) =>
      object.kind === 'ClusterRole' && name === object.metadata.name
        ? again.clusterRole(name)
        : before.clusterRole(name),
    rolesIn: (namespace) =>
      object.kind === 'Role' && namespace === (object.metadata.namespace ?? '')
        ? [
            ...before.rolesIn(namespace).filter(({ ref }) => !isIt(ref)),
            ...again.rolesIn(namespace).filter(({ ref }) => isIt(ref)),
          ]
        : before.rolesIn(namespace),
  };
}

function roleOf(snapshot: Snapshot, binding: KubernetesObject): Resource | undefined {
  const role = binding['roleRef'] as { readonly kind?: string; readonly name?: string } | undefined;
  const namespace = role?.kind === 'Role' ? binding.metadata.namespace : undefined;
  return snapshot.get(`${role?.kind ?? ''}.rbac.authorization.k8s.io`, namespace, role?.name ?? '');
}

function itself(snapshot: Snapshot, role: KubernetesObject | undefined): Resource | undefined {
  return role && snapshot.get(kindKey(role.apiVersion, role.kind), role.metadata.namespace, role.metadata.name);
}

function isAggregated(role: KubernetesObject | undefined): boolean {
  const labels = Object.keys(role?.metadata.labels ?? {});
  return role?.['aggregationRule'] !== undefined || labels.length > 0;
}
