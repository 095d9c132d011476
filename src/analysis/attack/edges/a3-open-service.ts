import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { given, inSpec, IN_POD } from '../hops/hops.ts';
import type { KnownService } from '../facts/known-services.ts';
import { node, type AttackNode } from '../nodes.ts';
import { identityOfAccount } from '../hops/principals.ts';
import type { World } from '../world/world.ts';

export const openService = defineEdge({
  id: 'A3',
  title: 'a service that asks nobody who they are',
  technique: ['T1133'],
  matrix: ['TA9005'],
  cost: 1,
  from: ['Reach', ...IN_POD],
  *hops(from, world) {
    if (from.kind === 'Reach') yield* servicesReached('A3', from, world);
    else {
      // Containers of a pod share its network: loopback, too.
      for (const unit of world.pods.at(from))
        for (const service of world.targets.servicesOf(unit))
          if (service.program.edge === 'A3') yield* hopInto(service, world);
    }
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
    if (service.program.edge === edge && service.port === port && !service.onLoopback) yield* hopInto(service, world);
  }
}

/** What a known service gives. Who acts through it uses its connection to the API server. */
export function* hopInto({ unit, container, program, path }: KnownService, world: World): Generator<Hop> {
  const needs = [unit.ref];
  const because: Hop['because'] = () => [inSpec(unit, path, program.says)];
  switch (program.gives) {
    case 'Code':
      yield { to: node('Code', `${unit.name}/${container}`, unit.namespace), needs, because };
      return;
    case 'Identity': {
      const to = identityOfAccount(unit.namespace, unit.serviceAccount);
      yield* given(world.network.reachesApi(unit), { to, needs, because });
      return;
    }
    case 'ClusterAdmin':
      yield { to: node('ClusterAdmin'), needs, because };
      return;
    case 'images':
      // What this gives depends on who runs them, see A6.
      return;
  }
}
