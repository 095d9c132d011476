import type { Because } from '../../../model/because.ts';
import { formatPath } from '../../../model/because.ts';
import { at, list, records } from '../../../model/json.ts';
import { containersOf, podTemplateOf } from '../../../model/pods.ts';
import type { Hop } from './define-edge.ts';
import { node, type AttackNode, type NodeKind } from '../nodes.ts';
import type { ContainerFacts, PodUnit } from '../facts/pod-units.ts';
import type { Fact } from '../world/fact.ts';
import type { World } from '../world/world.ts';

/** Nodes at which an intruder's code runs in a pod. */
export const IN_POD: readonly NodeKind[] = ['Shell', 'Code'];

export interface InContainer {
  readonly unit: PodUnit;
  readonly container: ContainerFacts;
}

/** The containers an intruder runs code in: all of the pod that run for a Shell, the one named for a Code. */
export function containersAt(at: AttackNode, world: World): readonly InContainer[] {
  const only = at.kind === 'Code' ? at.name?.split('/')[1] : undefined;
  return world.pods
    .at(at)
    .flatMap((unit) =>
      unit.containers
        .filter(({ entry, state }) => (only === undefined ? state === 'running' : entry.name === only))
        .map((container) => ({ unit, container })),
    );
}

/** The containers of a pod that run only while it starts, as places to be in. */
export function startingAt(from: AttackNode, world: World): readonly AttackNode[] {
  if (from.kind !== 'Shell') return [];
  return world.pods
    .at(from)
    .flatMap((unit) =>
      unit.containers
        .filter(({ state }) => state === 'starting')
        .map(({ entry }) => ({ ...from, kind: 'Code', name: `${unit.name}/${entry.name}` }) as const),
    );
}

export function shellOf(unit: PodUnit): AttackNode {
  return node('Shell', unit.name, unit.namespace);
}

/**
 * The pods of a unit that are on one node. Who comes in there is in those and not in their likes elsewhere, which matters where
 * the pod opens a way to its node.
 */
export function shellOn(unit: PodUnit, name: string | undefined, world: World): AttackNode {
  const places = unit.nodes.length + (unit.floating ? world.nodes.placesFor(unit.demands).size : 0);
  return name === undefined || places < 2 || !touchesHost(unit) ? shellOf(unit) : { ...shellOf(unit), object: name };
}

/** Whether the manifest of a pod names anything of its node. */
export function touchesHost({ spec }: PodUnit): boolean {
  return (
    ['hostPID', 'hostIPC', 'hostNetwork'].some((field) => spec[field] === true) ||
    records(spec['volumes']).some(([, one]) => one['hostPath'] != null || one['persistentVolumeClaim'] != null) ||
    at(spec, 'securityContext', 'windowsOptions', 'hostProcess') === true ||
    containersOf(spec).some(
      ({ container: { securityContext } }) =>
        [at(securityContext, 'privileged'), at(securityContext, 'windowsOptions', 'hostProcess')].includes(true) ||
        list(at(securityContext, 'capabilities', 'add')).length > 0,
    )
  );
}

export function tokenOf(account: { readonly namespace: string; readonly name: string }): AttackNode {
  return node('Token', account.name, account.namespace);
}

/** The host nodes (`Root`, `HostRead`, `NodeIdentity`) of the machines a pod runs on, or may run on. */
export function hostsOf(kind: 'Root' | 'HostRead' | 'NodeIdentity', unit: PodUnit): readonly AttackNode[] {
  const named = unit.nodes.map((name) => node(kind, name));
  return unit.floating ? [...named, node('All', `Schedulable${kind}`, unit.demands || undefined)] : named;
}

/** Nothing to add to the right a hop starts from: its binding and its rule are the reasons. */
export const byTheRight = (): readonly Because[] => NO_REASONS;

const NO_REASONS: readonly Because[] = [];

/** The one reason of a hop that follows from how something works. */
export function rule(source: string, says: string): () => readonly Because[] {
  return () => [{ kind: 'rule', source, says }];
}

/** A reason in a pod's spec, with the path in the object it is written in. */
export function inSpec(unit: PodUnit, path: readonly (string | number)[], says: string, value?: unknown): Because {
  const template = podTemplateOf(unit.workload.writtenIn.object);
  return {
    kind: 'field',
    object: unit.ref,
    path: formatPath([...(template?.path ?? []), 'spec', ...path]),
    ...(value === undefined ? {} : { value }),
    says,
  };
}

/** A hop that stands or falls with a fact: none when it doesn't hold, an open premise when it is not known. */
export function* given(fact: Fact, hop: Hop): Generator<Hop> {
  if (fact.holds === false) return;
  const because = (): readonly Because[] => [...hop.because(), ...fact.because];
  yield fact.holds === true
    ? { ...hop, because }
    : { ...hop, because, open: hop.open ?? fact.because[0]?.says ?? 'not known' };
}
