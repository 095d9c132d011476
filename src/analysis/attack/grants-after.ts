import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import { createSnapshot, type Resource, type Snapshot } from '../../model/snapshot.ts';
import { analyseAccess } from '../access/index.ts';
import { subjectKey } from '../access/subjects.ts';
import type { CompiledBinding, CompiledRole } from '../access/objects.ts';
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
  const { name, namespace: place = '' } = object.metadata;
  const touched = isRole
    ? before.bindingsOfRole(name).filter(({ role }) => typeof role === 'object' && isIt(role.ref))
    : before.bindingsNamed(name).filter(({ ref }) => isIt(ref));
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
  const boundBy = (look: (facts: AccessFacts) => readonly CompiledBinding[]): readonly CompiledBinding[] => {
    const kept = look(before);
    const more = look(again);
    return more.length === 0 && !kept.some(({ ref }) => gone.has(ref))
      ? kept
      : [...kept.filter(({ ref }) => !gone.has(ref)), ...more];
  };
  const among = (concerned: boolean, look: (facts: AccessFacts) => readonly CompiledRole[]): readonly CompiledRole[] =>
    concerned
      ? [...look(before).filter(({ ref }) => !isIt(ref)), ...look(again).filter(({ ref }) => isIt(ref))]
      : look(before);
  const isNamespaced = object.kind === 'Role';
  return {
    rolesOf: (subject) => [
      ...before.rolesOf(subject).filter(({ binding }) => !gone.has(binding)),
      ...again.rolesOf(subject),
    ],
    subjects: subjectsAfter(before, again, gone, touched),
    bindingsFor: (key) => boundBy((facts) => facts.bindingsFor(key)),
    bindingsIn: (namespace) => boundBy((facts) => facts.bindingsIn(namespace)),
    bindingsNamed: (binding) => boundBy((facts) => facts.bindingsNamed(binding)),
    bindingsOfRole: (role) => boundBy((facts) => facts.bindingsOfRole(role)),
    role: (kind, namespace, role) =>
      kind === object.kind && role === name && namespace === place
        ? again.role(kind, namespace, role)
        : before.role(kind, namespace, role),
    clusterRole: (role) =>
      object.kind === 'ClusterRole' && role === name ? again.clusterRole(role) : before.clusterRole(role),
    rolesIn: (namespace) => among(isNamespaced && namespace === place, (facts) => facts.rolesIn(namespace)),
    rolesNamed: (role) => among(isNamespaced && role === name, (facts) => facts.rolesNamed(role)),
  };
}

/** The very same list where nobody is bound for the first time, or no longer. */
function subjectsAfter(
  before: AccessFacts,
  again: AccessFacts,
  gone: ReadonlySet<ObjectRef>,
  touched: readonly CompiledBinding[],
): AccessFacts['subjects'] {
  const named = new Set(again.subjects.map(subjectKey));
  const unbound = touched
    .flatMap(({ subjects }) => subjects.map(subjectKey))
    .filter((key) => !named.has(key) && before.bindingsFor(key).every(({ ref }) => gone.has(ref)));
  const more = again.subjects.filter((subject) => before.bindingsFor(subjectKey(subject)).length === 0);
  if (unbound.length === 0 && more.length === 0) return before.subjects;
  return [...before.subjects.filter((subject) => !unbound.includes(subjectKey(subject))), ...more];
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
