import type { KubernetesObject } from '../../../model/object.ts';
import { WORKLOAD_KINDS } from '../../../model/pods.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { analyseAccess } from '../../access/index.ts';
import { accessFacts } from '../facts/access-facts.ts';
import { factsOf, gatherFacts, type Facts } from '../facts/facts.ts';
import { changedGrants } from './changed-facts.ts';
import { isKnownNamespace, networkAfter, type FactsAfter } from './facts-after.ts';
import { grantsAfter } from './grants-after.ts';
import { AFTER_KIND } from './objects-after.ts';
import type { OneChange } from './one-change.ts';
import { kindOf, overlay } from './overlay.ts';
import { afterPod } from './pods-after.ts';

const RBAC = /\.rbac\.authorization\.k8s\.io$/;
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
  const told = AFTER_KIND[kind]?.(facts, snapshot, object);
  if (told) return told;
  const network = NOT_NETWORK.test(kind) ? facts.network : networkAfter(facts, snapshot);
  return { facts: factsOf(snapshot, facts.grants, facts.pods, network) };
}

function afterGrants(
  facts: Facts,
  snapshot: Snapshot,
  objects: readonly KubernetesObject[],
  changes: readonly OneChange[],
): FactsAfter {
  const after = grantsAfter(facts.grants, snapshot, changes);
  if (!after) return { facts: factsOf(snapshot, accessFacts(analyseAccess(snapshot)), facts.pods, facts.network) };
  const { grants, concerned } = after;
  const { roles, accounts } = factsOf(snapshot, grants, facts.pods, facts.network);
  const sameAccounts =
    objects.every(({ metadata }) => isKnownNamespace(metadata.namespace, snapshot)) &&
    notInBoth(facts.grants.subjects, grants.subjects).every(
      ({ kind, namespace, name }) => kind !== 'ServiceAccount' || snapshot.get('ServiceAccount', namespace, name),
    );
  if (!sameAccounts) return { facts: { ...facts, snapshot, grants, roles, accounts } };
  return {
    facts: { ...facts, snapshot, grants, roles },
    changed: concerned.map((object) => changedGrants(object, facts.grants, grants)).reduce((all, one) => all.and(one)),
  };
}

function notInBoth<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a === b) return [];
  const [before, after] = [new Set(a), new Set(b)];
  return [...a.filter((one) => !after.has(one)), ...b.filter((one) => !before.has(one))];
}
