import type { Hop } from './define-edge.ts';
import { given } from './hops.ts';
import { node, type AttackNode } from './nodes.ts';
import type { Permission } from './permissions.ts';
import type { World } from './world.ts';

/** Kinds whose objects make pods. */
export const CONTROLLERS = [
  'deployments.apps',
  'daemonsets.apps',
  'statefulsets.apps',
  'replicasets.apps',
  'replicationcontrollers',
  'jobs.batch',
  'cronjobs.batch',
] as const;

export interface PodCreation {
  readonly namespace: string;
  readonly permission: Permission;
  /** `pods`, or the controller through which pods come to be. */
  readonly through: string;
}

/** Namespaces in which a principal may create pods itself. */
export function podCreations(principal: AttackNode, world: World): readonly PodCreation[] {
  return spread(world, world.may(principal, 'create', 'pods'), 'pods');
}

/** Namespaces in which a principal may create a controller, or change the pod template of one that is there. */
export function controllerCreations(principal: AttackNode, world: World): readonly PodCreation[] {
  return CONTROLLERS.flatMap((what) => {
    const created = spread(world, world.may(principal, 'create', what), what);
    const changed = ['update', 'patch'].flatMap((verb) =>
      spread(world, world.may(principal, verb, what), what).filter(({ namespace, permission }) =>
        world
          .unitsIn(namespace)
          .some(
            ({ ref }) =>
              pluralOf(ref.kind) === what.split('.')[0] &&
              (permission.names.length === 0 || permission.names.includes(ref.name)),
          ),
      ),
    );
    return [...created, ...changed];
  });
}

/** One creation a namespace: a second permission for the same adds nothing. */
export function onePerNamespace(creations: readonly PodCreation[]): readonly PodCreation[] {
  return [...new Map(creations.toReversed().map((one) => [one.namespace, one])).values()].toReversed();
}

function spread(world: World, permissions: readonly Permission[], through: string): readonly PodCreation[] {
  return permissions.flatMap((permission) =>
    (permission.namespace === undefined ? world.namespaces() : [permission.namespace]).map((namespace) => ({
      namespace,
      permission,
      through,
    })),
  );
}

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** Root on any node by a pod that admission lets in, or would once somebody switched Pod Security off. */
export function* escapingPods(creations: readonly PodCreation[], world: World): Generator<Hop> {
  for (const { namespace, permission } of creations) {
    const admitted = world.admitsBeyond('baseline', namespace);
    for (const name of world.nodeNames) {
      const hop: Hop = { to: node('Root', name), needs: permission.needs, because: permission.because };
      yield* given(admitted, hop);
      if (admitted.holds !== true) yield { ...hop, and: [node('AdmissionControl', undefined, namespace)] };
    }
  }
}
