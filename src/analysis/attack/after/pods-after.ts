import { refId, type KubernetesObject } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { changedPods } from './changed-facts.ts';
import { factsOf, type Facts } from '../facts/facts.ts';
import { knownServices } from '../facts/known-services.ts';
import { podUnitsOf, type PodUnit } from '../facts/pod-units.ts';
import { weaknessesOf } from '../facts/weaknesses.ts';
import { environmentOf } from '../world/credential-index.ts';
import { isApiServer } from '../world/node-index.ts';
import { once } from '../world/once.ts';
import { podIndexAfter, type PodEdit } from '../world/pod-index.ts';
import type { FactsAfter } from './facts-after.ts';
import { isKnownNamespace, networkAfter } from './facts-after.ts';

/** The facts after a pod, or what makes pods, changed. */
export function afterPod(facts: Facts, snapshot: Snapshot, object: KubernetesObject): FactsAfter {
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
    facts.apiServer().restrictsNodes === fresh.apiServer().restrictsNodes &&
    facts.apiServer().refusesAnonymous === fresh.apiServer().refusesAnonymous &&
    both.every((unit) => !isApiServer(unit) && unit.nodes.every((name) => facts.nodes.objectOf(name)));
  const keepsCredentials = both.every((unit) => environmentOf(unit).length === 0);
  const { nodes, accounts, volumeBehind, credentials, admitsBeyond, guards, guardsOf } = facts;
  const stays = (unit: PodUnit): boolean => !edit.gone.has(unit);
  const running = edit.added.filter(({ dormant }) => !dormant);
  const after: Facts = {
    ...fresh,
    volumeBehind,
    admitsBeyond,
    guards,
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
