import { kindKey, refId, refOf, type KubernetesObject } from '../../model/object.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import type { Resource, Snapshot } from '../../model/snapshot.ts';
import { changedGrants, changedPods, changedPolicy } from './changed-facts.ts';
import { factsOf, gatherFacts, type Facts } from './facts.ts';
import { grantsAfter } from './grants-after.ts';
import { knownServices } from './known-services.ts';
import { networkFacts, type NetworkFacts } from './network-facts.ts';
import { podUnitsOf, type PodUnit } from './pod-units.ts';
import { weaknessesOf } from './weaknesses.ts';
import { environmentOf } from './world/credential-index.ts';
import { once } from './world/once.ts';
import { podIndexAfter, type PodEdit } from './world/pod-index.ts';
import type { Changed } from './world/reads.ts';

/** One object that is new, gone (no `after`), or another than before. */
export interface OneChange {
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

/** The facts after a change, and which of them are others than before; undefined when any may be. */
export interface FactsAfter {
  readonly facts: Facts;
  readonly changed?: Changed;
}

const RBAC = /\.rbac\.authorization\.k8s\.io$/;
const POLICY = 'NetworkPolicy.networking.k8s.io';
/** Kinds that the network analysis does not look at. */
const NOT_NETWORK =
  /^(Secret|ConfigMap|PersistentVolume|PersistentVolumeClaim|VulnerabilityReport\..*|.*\.admissionregistration\.k8s\.io)$/;

/** The facts as they are after one object changed, made from those before: only what the object bears on is worked out again. */
export function factsAfter(facts: Facts, change: OneChange): FactsAfter {
  const object = change.after ?? change.before;
  if (!object) return { facts };
  const snapshot = overlay(facts.snapshot, change);
  const kind = kindKey(object.apiVersion, object.kind);
  if (RBAC.test(kind)) return afterGrant(facts, snapshot, object, change);
  if (WORKLOAD_KINDS.includes(kind)) return afterPod(facts, snapshot, object);
  const network = NOT_NETWORK.test(kind) ? facts.network : networkAfter(facts, snapshot);
  if (kind !== POLICY) return { facts: factsOf(snapshot, facts.grants, facts.pods, network) };
  return { facts: { ...facts, snapshot, network }, changed: changedPolicy(object) };
}

function networkAfter(facts: Facts, snapshot: Snapshot, pods = facts.pods): NetworkFacts {
  return networkFacts(snapshot, pods, () => facts.network.analysis().update(snapshot));
}

function afterGrant(facts: Facts, snapshot: Snapshot, object: KubernetesObject, change: OneChange): FactsAfter {
  const grants = grantsAfter(facts.grants, snapshot, object, change);
  if (!grants) return { facts: gatherFacts(snapshot) };
  const { roles, accounts } = factsOf(snapshot, grants, facts.pods, facts.network);
  const sameAccounts =
    isKnownNamespace(object.metadata.namespace, snapshot) &&
    notInBoth(facts.grants.subjects, grants.subjects).every(
      ({ kind, namespace, name }) => kind !== 'ServiceAccount' || snapshot.get('ServiceAccount', namespace, name),
    );
  if (!sameAccounts) return { facts: { ...facts, snapshot, grants, roles, accounts } };
  return {
    facts: { ...facts, snapshot, grants, roles },
    changed: changedGrants(object, facts.grants, grants),
  };
}

function notInBoth<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a === b) return [];
  const [before, after] = [new Set(a), new Set(b)];
  return [...a.filter((one) => !after.has(one)), ...b.filter((one) => !before.has(one))];
}

/** Whether a namespace is there whatever is in it. */
function isKnownNamespace(namespace: string | undefined, snapshot: Snapshot): boolean {
  return namespace === undefined || snapshot.get('Namespace', undefined, namespace) !== undefined;
}

function afterPod(facts: Facts, snapshot: Snapshot, object: KubernetesObject): FactsAfter {
  const edit = podEdit(facts, snapshot, object.metadata.namespace ?? 'default');
  const pods = podIndexAfter(facts.pods, edit);
  const fresh = factsOf(snapshot, facts.grants, pods, networkAfter(facts, snapshot, pods));
  const both = [...edit.gone, ...edit.added];
  const keepsAccounts = both.every(
    ({ namespace, serviceAccount }) =>
      isKnownNamespace(namespace, snapshot) &&
      (serviceAccount === 'default' || snapshot.get('ServiceAccount', namespace, serviceAccount)),
  );
  const keepsNodes =
    facts.nodesAreRestricted() === fresh.nodesAreRestricted() &&
    both.every((unit) => unit.nodes.every((name) => facts.nodes.objectOf(name)));
  const keepsCredentials = both.every((unit) => environmentOf(unit).length === 0);
  const { nodes, accounts, volumeBehind, credentials, admitsBeyond, guardsOf } = facts;
  const stays = (unit: PodUnit): boolean => !edit.gone.has(unit);
  const after: Facts = {
    ...fresh,
    volumeBehind,
    admitsBeyond,
    guardsOf,
    ...(keepsAccounts ? { accounts } : {}),
    ...(keepsNodes ? { nodes } : {}),
    ...(keepsCredentials ? { credentials } : {}),
    weaknesses: once(() => [
      ...facts.weaknesses().filter(({ unit }) => stays(unit)),
      ...weaknessesOf(snapshot, edit.added),
    ]),
    services: once(() => [...facts.services().filter(({ unit }) => stays(unit)), ...knownServices(edit.added)]),
  };
  if (!keepsAccounts || !keepsNodes) return { facts: after };
  const isTarget = [facts, after].some((one) =>
    [...one.weaknesses(), ...one.services()].some(({ unit }) => edit.gone.has(unit) || edit.added.includes(unit)),
  );
  return { facts: after, changed: changedPods(both, { isTarget, hasCredentials: !keepsCredentials }) };
}

/** The same snapshot with one object in place of another. Linear in the objects of its kind alone. */
function overlay(base: Snapshot, { before, after }: OneChange): Snapshot {
  const changed = after ?? before;
  if (!changed) return base;
  const kind = kindKey(changed.apiVersion, changed.kind);
  const id = refId(refOf(changed));
  const resource: Resource | undefined = after && { object: after };
  const others = base
    .list(kind)
    .filter(({ object }) => object.metadata.name !== changed.metadata.name || refId(refOf(object)) !== id);
  const listed = resource ? [...others, resource] : others;
  const kinds = base.kinds().includes(kind) || !resource ? base.kinds() : [...base.kinds(), kind].sort();
  return {
    ...base,
    kinds: () => kinds,
    list: (asked) => (asked === kind ? listed : base.list(asked)),
    get: (asked, namespace, name) =>
      asked === kind && name === changed.metadata.name && (namespace ?? '') === (changed.metadata.namespace ?? '')
        ? resource
        : base.get(asked, namespace, name),
  };
}

/** The workloads of a namespace again: those that are not made of the very same objects are others. */
function podEdit(facts: Facts, snapshot: Snapshot, namespace: string): PodEdit {
  const isHere = ({ object }: Resource): boolean => (object.metadata.namespace ?? 'default') === namespace;
  const found = podUnitsOf({ ...snapshot, list: (kind) => snapshot.list(kind).filter(isHere) });
  const known = new Map(facts.pods.in(namespace).map((unit) => [refId(unit.ref), unit]));
  const same = new Set<PodUnit>();
  const added = found.filter((unit) => {
    const before = known.get(refId(unit.ref));
    if (!before || !isMadeOfTheSame(before, unit)) return true;
    same.add(before);
    return false;
  });
  return { gone: new Set([...known.values()].filter((unit) => !same.has(unit))), added };
}

function isMadeOfTheSame({ workload: a }: PodUnit, { workload: b }: PodUnit): boolean {
  return (
    a.writtenIn.object === b.writtenIn.object &&
    a.resource?.object === b.resource?.object &&
    a.pods.length === b.pods.length &&
    a.pods.every(({ object }, index) => object === b.pods[index]?.object)
  );
}
