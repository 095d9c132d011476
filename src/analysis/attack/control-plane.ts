import type { Hop } from './define-edge.ts';
import type { AttackNode } from './nodes.ts';
import type { Permission } from './permissions.ts';
import type { World } from './world.ts';

/** Permissions to create or change cluster-scoped objects of these resources. */
export function clusterWrites(from: AttackNode, world: World, resources: readonly string[]): readonly Permission[] {
  return resources.flatMap((what) =>
    ['create', 'update', 'patch']
      .flatMap((verb) => world.may(from, verb, what))
      .filter(({ namespace }) => namespace === undefined),
  );
}

/** The first permission is enough; more of them would be the same hop again. */
export function* tap(found: readonly Permission[], to: AttackNode): Generator<Hop> {
  for (const { needs, because } of found.slice(0, 1)) yield { to, needs, because };
}
