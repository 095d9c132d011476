import { kindKey, refId, type KubernetesObject } from '../../../model/object.ts';
import { WORKLOAD_KINDS } from '../../../model/pods.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { changedGrants, changedPods, changedPolicy } from './changed-facts.ts';
import { factsOf, gatherFacts, type Facts } from '../facts/facts.ts';
import type { OneChange } from './one-change.ts';
import { grantsAfter } from './grants-after.ts';
import { knownServices } from '../facts/known-services.ts';
import { networkFacts, type NetworkFacts } from '../facts/network-facts.ts';
import { podUnitsOf, type PodUnit } from '../facts/pod-units.ts';
import { weaknessesOf } from '../facts/weaknesses.ts';
import { environmentOf } from '../world/credential-index.ts';
import { once } from '../world/once.ts';
import { podIndexAfter, type PodEdit } from '../world/pod-index.ts';
import type { Changed } from '../world/reads.ts';

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

/**
 * The facts as they are after objects changed, made from those before: only what an object bears on is worked out again. Changes
 * of grants are made together however many they are; of several others all facts are gathered anew.
 */
export function factsAfter(facts: Facts, ...changes: readonly OneChange[]): FactsAfter {
  const objects = changes.flatMap((change) => change.after ?? change.before ?? []);
  const [object] = objects;
  if (!object) return { facts };
  const snapshot = overlay(facts.snapshot, changes);
  if (objects.every((one) => RBAC.test(kindOf(one)))) return afterGrants(facts, snapshot, objects, changes);
  if (objects.length > 1) return { facts: gatherFacts(snapshot) };
  const kind = kindOf(object);
  if (WORKLOAD_KINDS.includes(kind)) return afterPod(facts, snapshot, object);
  const network = NOT_NETWORK.test(kind) ? facts.network : networkAfter(facts, snapshot);
  if (kind !== POLICY) return { facts: factsOf(snapshot, facts.grants, facts.pods, network) };
  return { facts: { ...facts, snapshot, network }, changed: changedPolicy(object) };
}

function networkAfter(facts: Facts, snapshot: Snapshot, pods = facts.pods): NetworkFacts {
  return networkFacts(snapshot, pods, () => facts.network.analysis().update(snapshot));
}

function afterGrants(
  facts: Facts,
  snapshot: Snapshot,
  objects: readonly KubernetesObject[],
  changes: readonly OneChange[],
): FactsAfter {
  const grants = grantsAfter(facts.grants, snapshot, changes);
  if (!grants) return { facts: gatherFacts(snapshot) };
  const { roles, accounts } = factsOf(snapshot, grants, facts.pods, facts.network);
  const sameAccounts =
    objects.every(({ metadata }) => isKnownNamespace(metadata.namespace, snapshot)) &&
    notInBoth(facts.grants.subjects, grants.subjects).every(
      ({ kind, namespace, name }) => kind !== 'ServiceAccount' || snapshot.get('ServiceAccount', namespace, name),
    );
  if (!sameAccounts) return { facts: { ...facts, snapshot, grants, roles, accounts } };
  return {
    facts: { ...facts, snapshot, grants, roles },
    changed: objects.map((object) => changedGrants(object, facts.grants, grants)).reduce((all, one) => all.and(one)),
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
  const running = edit.added.filter(({ dormant }) => !dormant);
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
      ...weaknessesOf(snapshot, running),
    ]),
    services: once(() => [...facts.services().filter(({ unit }) => stays(unit)), ...knownServices(running)]),
  };
  if (!keepsAccounts || !keepsNodes) return { facts: after };
  const isTarget = [facts, after].some((one) =>
    [...one.weaknesses(), ...one.services()].some(({ unit }) => edit.gone.has(unit) || edit.added.includes(unit)),
  );
  return { facts: after, changed: changedPods(both, { isTarget, hasCredentials: !keepsCredentials }) };
}

/** The same snapshot with objects in place of others. Linear in the objects of their kinds alone. */
function overlay(base: Snapshot, changes: readonly OneChange[]): Snapshot {
  const edits = changes.flatMap(({ before, after }) => {
    const object = after ?? before;
    return object ? [{ kind: kindOf(object), id: nameOf(object), resource: after && { object: after } }] : [];
  });
  const byKind = new Map(
    [...Map.groupBy(edits, ({ kind }) => kind)].map(([kind, own]) => [
      kind,
      new Map(own.map(({ id, resource }) => [id, resource])),
    ]),
  );
  const names = new Set(changes.map(({ before, after }) => (after ?? before)?.metadata.name ?? ''));
  const lists = new Map(
    [...byKind].map(([kind, own]) => [
      kind,
      [
        ...base.list(kind).filter(({ object }) => !names.has(object.metadata.name) || !own.has(nameOf(object))),
        ...[...own.values()].filter((resource) => resource !== undefined),
      ],
    ]),
  );
  const kinds = [...new Set([...base.kinds(), ...lists.keys()])].sort();
  return {
    ...base,
    kinds: () => kinds,
    list: (kind) => lists.get(kind) ?? base.list(kind),
    get(kind, namespace, name) {
      const own = byKind.get(kind);
      const id = `${namespace ?? ''}/${name}`;
      return own?.has(id) ? own.get(id) : base.get(kind, namespace, name);
    },
  };
}

function kindOf({ apiVersion, kind }: KubernetesObject): string {
  return kindKey(apiVersion, kind);
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The workloads of a namespace again: those that are not made of the very same objects are others. */
function podEdit(facts: Facts, snapshot: Snapshot, namespace: string): PodEdit {
  const isHere = ({ object }: Resource): boolean => (object.metadata.namespace ?? 'default') === namespace;
  const found = podUnitsOf({ ...snapshot, list: (kind) => snapshot.list(kind).filter(isHere) });
  const before = [...facts.pods.in(namespace), ...facts.pods.dormantIn(namespace)];
  const known = new Map(before.map((unit) => [refId(unit.ref), unit]));
  const same = new Set<PodUnit>();
  const added = found.filter((unit) => {
    const own = known.get(refId(unit.ref));
    if (!own || !isMadeOfTheSame(own, unit)) return true;
    same.add(own);
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
