import type { KnownService } from '../facts/known-services.ts';
import type { AttackNode } from '../nodes.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import type { Weakness } from '../facts/weaknesses.ts';

/** A port of a pod worth reaching. */
export interface Target {
  readonly unit: PodUnit;
  readonly port: number;
}

/** What waits behind the ports of pods. */
export interface TargetIndex {
  /** Ports worth reaching: those with a known hole or an open service behind them, and those somebody asks about. */
  readonly all: readonly Target[];
  weaknessesOf(unit: PodUnit): readonly Weakness[];
  /** Programs in the pod that give whoever reaches them what they hold. */
  servicesOf(unit: PodUnit): readonly KnownService[];
  readonly services: readonly KnownService[];
}

export interface TargetFacts {
  readonly weaknesses: readonly Weakness[];
  readonly services: readonly KnownService[];
  /** Reach nodes somebody asks about, though nothing may be known behind them. */
  readonly asked: readonly AttackNode[];
}

export function targetIndex(
  { weaknesses, services, asked }: TargetFacts,
  unitsAt: (node: AttackNode) => readonly PodUnit[],
): TargetIndex {
  const wanted = asked
    .filter(({ kind }) => kind === 'Reach')
    .flatMap((one) => unitsAt(one).map((unit) => ({ unit, port: Number(one.name?.split(':')[1]) })));
  const open = services.filter(({ onLoopback }) => !onLoopback);
  const every = [...weaknesses, ...open].map(({ unit, port }) => ({ unit, port })).concat(wanted);
  const byUnit = Map.groupBy(weaknesses, ({ unit }) => unit);
  const servicesByUnit = Map.groupBy(services, ({ unit }) => unit);
  return {
    // The workload before those of its pods that have more than it says.
    all: [
      ...new Map(every.toReversed().map((one) => [`${one.unit.namespace}/${one.unit.name}:${one.port}`, one])).values(),
    ],
    weaknessesOf: (unit) => byUnit.get(unit) ?? [],
    servicesOf: (unit) => servicesByUnit.get(unit) ?? [],
    services,
  };
}
