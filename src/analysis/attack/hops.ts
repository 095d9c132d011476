import type { Because } from '../../model/because.ts';
import { formatPath } from '../../model/because.ts';
import { podTemplateOf } from '../../model/pods.ts';
import type { Hop } from './define-edge.ts';
import { node, type AttackNode, type NodeKind } from './nodes.ts';
import type { ContainerFacts, PodUnit } from './pod-units.ts';
import type { Fact } from './world/fact.ts';
import type { World } from './world/world.ts';

/** Nodes at which an intruder's code runs in a pod. */
export const IN_POD: readonly NodeKind[] = ['Shell', 'Code'];

export interface InContainer {
  readonly unit: PodUnit;
  readonly container: ContainerFacts;
}

/** The containers an intruder runs code in: all of the pod for a Shell, the one named for a Code. */
export function containersAt(at: AttackNode, world: World): readonly InContainer[] {
  const only = at.kind === 'Code' ? at.name?.split('/')[1] : undefined;
  return world.pods
    .at(at)
    .flatMap((unit) =>
      unit.containers
        .filter(({ entry }) => only === undefined || entry.name === only)
        .map((container) => ({ unit, container })),
    );
}

export function shellOf(unit: PodUnit): AttackNode {
  return node('Shell', unit.name, unit.namespace);
}

export function tokenOf(account: { readonly namespace: string; readonly name: string }): AttackNode {
  return node('Token', account.name, account.namespace);
}

/** The host nodes (`Root`, `HostRead`) of the machines a pod runs on, or may run on. */
export function hostsOf(kind: 'Root' | 'HostRead', unit: PodUnit): readonly AttackNode[] {
  const named = unit.nodes.map((name) => node(kind, name));
  return unit.floating ? [...named, node('All', `Schedulable${kind}`)] : named;
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
