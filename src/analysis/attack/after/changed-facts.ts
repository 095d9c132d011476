import { kindKey, type KubernetesObject } from '../../../model/object.ts';
import { subjectKey } from '../../access/subjects.ts';
import type { AccessFacts } from '../facts/access-facts.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { NAMES } from '../world/noting.ts';
import { podNames } from '../world/pod-index.ts';
import { Changed } from '../world/reads.ts';

/** The facts that a changed binding or role bears on. */
export function changedGrants(object: KubernetesObject, before: AccessFacts, after: AccessFacts): Changed {
  const { kind, metadata } = object;
  const { name, namespace = '' } = metadata;
  const isRole = kind === 'Role' || kind === 'ClusterRole';
  const changed = new Changed();
  const add = (fact: string): unknown => changed.add('grants', fact);
  if (before.subjects !== after.subjects) add(NAMES.subjects);
  if (isRole) {
    add(NAMES.role({ kind, name }));
    add(NAMES.rolesIn(namespace));
    changed.add(kindKey(object.apiVersion, kind), NAMES.everyObject);
  }
  for (const facts of [before, after]) {
    const bindings = isRole ? facts.bindingsOfRole(name) : facts.bindingsNamed(name);
    for (const { ref, subjects, role, namespace: place } of bindings) {
      if (!isRole && (ref.kind !== kind || place !== namespace)) continue;
      for (const subject of subjects) add(subjectKey(subject));
      add(NAMES.binding(ref.name));
      add(NAMES.bindingsIn(place));
      if (typeof role === 'object') add(NAMES.bindingsOfRole(role.ref.name));
    }
  }
  return changed;
}

/** The facts that other pods bear on. */
export function changedPods(
  units: readonly PodUnit[],
  { isTarget, hasCredentials }: { readonly isTarget: boolean; readonly hasCredentials: boolean },
): Changed {
  const changed = new Changed();
  const add = (fact: string): unknown => changed.add('pods', fact);
  add(NAMES.everyPod);
  if (isTarget) add(NAMES.targets);
  if (hasCredentials) add(NAMES.credentials);
  for (const unit of units) {
    const { namespace, ref, nodes, floating } = unit;
    for (const name of [ref.name, ...podNames(unit)]) add(NAMES.pod(namespace, name));
    add(NAMES.podsIn(namespace));
    add(NAMES.podsOf(`${ref.kind.toLowerCase()}s`));
    for (const node of nodes) add(NAMES.podsOn(node));
    if (floating) add(NAMES.floating);
  }
  return changed;
}

/** The facts about the connections of the pods of a namespace. */
export function changedNetwork(namespace: string): Changed {
  return new Changed().add('network', NAMES.networkOf(namespace)).add('network', NAMES.exposed);
}

/** The facts that a changed object bears on where it is read as it is. */
export function changedObject({ apiVersion, kind, metadata }: KubernetesObject): Changed {
  const key = kindKey(apiVersion, kind);
  return new Changed().add(key, NAMES.object(metadata.namespace, metadata.name)).add(key, NAMES.everyObject);
}
