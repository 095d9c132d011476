import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { createSnapshot, isFromFiles, type Resource, type Snapshot } from '../../../model/snapshot.ts';
import { analyseAccess } from '../../access/index.ts';
import { subjectKey } from '../../access/subjects.ts';
import type { CompiledBinding, CompiledRole } from '../../access/objects.ts';
import { aggregatedIn } from './aggregated-after.ts';
import { accessFacts, type AccessFacts } from '../facts/access-facts.ts';
import type { OneChange } from './one-change.ts';

/** Grants after a change, and every object whose grants are others: those that changed, and roles made of them. */
export interface GrantsAfter {
  readonly grants: AccessFacts;
  readonly concerned: readonly KubernetesObject[];
}

/**
 * Who has which role after bindings and roles changed. Only the bindings that they are in are read again; what was known
 * stays as it was. Undefined when a change may reach further.
 */
export function grantsAfter(
  before: AccessFacts,
  snapshot: Snapshot,
  changes: readonly OneChange[],
): GrantsAfter | undefined {
  // A role that is new may be what bindings without a role were waiting for; one that is gone from files may be there by default.
  const reachesFurther = changes.some(
    ({ before: was, after }) => (!was && after && isRole(after)) || (!after && isFromFiles(snapshot)),
  );
  if (reachesFurther) return undefined;
  const aggregated = aggregatedIn(snapshot);
  const own = changes.flatMap((change) => change.after ?? change.before ?? []);
  const objects = [
    ...new Map([...own, ...aggregated.concernedBy(changes)].map((one) => [refId(refOf(one)), one])).values(),
  ];
  const changed = new Set(objects.map((object) => refId(refOf(object))));
  const roles = objects.filter(isRole);
  const isIt = (ref: ObjectRef): boolean => changed.has(refId(ref));
  const touched = objects.flatMap((object) =>
    isRole(object)
      ? before.bindingsOfRole(object.metadata.name).filter(({ role }) => typeof role === 'object' && isIt(role.ref))
      : before.bindingsNamed(object.metadata.name).filter(({ ref }) => isIt(ref)),
  );
  const added = objects.filter((object) => !isRole(object)).map(refOf);
  const refs = new Map([...touched.map(({ ref }) => ref), ...added].map((ref) => [refId(ref), ref]));
  const bindings = [...refs.values()].flatMap((ref) => itself(snapshot, ref) ?? []);
  const bound = bindings.map(({ object }) => roleOf(snapshot, object));
  if (bound.includes(undefined)) return undefined;
  const used = [...bound, ...roles.map((role) => itself(snapshot, refOf(role)))].filter((one) => one !== undefined);
  const some = createSnapshot({
    source: { kind: 'cluster', description: snapshot.source.description },
    gaps: snapshot.coverage.gaps,
    resources: [...bindings, ...new Set([...used, ...aggregated.partsOf(used)])],
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
  const namespaced = roles.filter(({ kind }) => kind === 'Role').map(refOf);
  const isChanged = (kind: string, namespace: string, name: string): boolean =>
    roles.some(
      ({ kind: own, metadata }) => own === kind && metadata.name === name && (metadata.namespace ?? '') === namespace,
    );
  const grants: AccessFacts = {
    rolesOf: (subject) => [
      ...before.rolesOf(subject).filter(({ binding }) => !gone.has(binding)),
      ...again.rolesOf(subject),
    ],
    subjects: subjectsAfter(before, again, gone, touched),
    bindingsFor: (key) => boundBy((facts) => facts.bindingsFor(key)),
    bindingsIn: (namespace) => boundBy((facts) => facts.bindingsIn(namespace)),
    bindingsNamed: (binding) => boundBy((facts) => facts.bindingsNamed(binding)),
    bindingsOfRole: (role) => boundBy((facts) => facts.bindingsOfRole(role)),
    role: (kind, namespace, name) => (isChanged(kind, namespace, name) ? again : before).role(kind, namespace, name),
    clusterRole: (name) => (isChanged('ClusterRole', '', name) ? again : before).clusterRole(name),
    rolesIn: (namespace) =>
      among(
        namespaced.some((one) => one.namespace === namespace),
        (facts) => facts.rolesIn(namespace),
      ),
    rolesNamed: (name) =>
      among(
        namespaced.some((one) => one.name === name),
        (facts) => facts.rolesNamed(name),
      ),
  };
  return { grants, concerned: objects };
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

function itself(snapshot: Snapshot, { apiVersion, kind, namespace, name }: ObjectRef): Resource | undefined {
  return snapshot.get(kindKey(apiVersion, kind), namespace, name);
}

function isRole({ kind }: KubernetesObject): boolean {
  return kind === 'Role' || kind === 'ClusterRole';
}
