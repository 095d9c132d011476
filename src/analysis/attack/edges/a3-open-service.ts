import { defineEdge, type Hop } from '../define-edge.ts';
import { inSpec } from '../hops.ts';
import type { KnownService } from '../known-services.ts';
import { node, type AttackNode } from '../nodes.ts';
import { identityOfAccount } from '../principals.ts';
import type { World } from '../world/world.ts';

export const openService = defineEdge({
  id: 'A3',
  title: 'a service that asks nobody who they are',
  technique: ['T1133'],
  matrix: ['TA9005'],
  cost: 1,
  from: ['Reach'],
  *hops(from, world) {
    yield* servicesReached('A3', from, world);
  },
  fix: 'Let it ask for credentials, or listen on loopback only, or isolate its ingress.',
  prove: 'Open one connection to the port; send nothing.',
});

/** What the known services of an edge give whoever reaches them. */
export function* servicesReached(
  edge: KnownService['program']['edge'],
  from: AttackNode,
  world: World,
): Generator<Hop> {
  const port = Number(from.name?.split(':')[1]);
  for (const service of world.pods.at(from).flatMap((unit) => world.targets.servicesOf(unit))) {
    if (service.program.edge === edge && service.port === port) yield hopInto(service);
  }
}

/** What a known service gives. */
export function hopInto({ unit, container, program, path }: KnownService): Hop {
  return {
    to:
      program.gives === 'Code'
        ? node('Code', `${unit.name}/${container}`, unit.namespace)
        : identityOfAccount(unit.namespace, unit.serviceAccount),
    needs: [unit.ref],
    because: () => [inSpec(unit, path, program.says)],
  };
}
