import type { ObjectRef } from '../../model/object.ts';
import { actions, resourceOf } from './actions.ts';
import type { Hop } from './define-edge.ts';
import { all } from './groups.ts';
import { byTheRight, given, rule } from './hops.ts';
import { node, type AttackNode } from './nodes.ts';
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

export const CONTROLLER_ACTIONS = actions(['create', 'update', 'patch'], CONTROLLERS);

/** The controllers whose pod template the holder of a right may change. */
export function changedControllers(
  right: AttackNode,
  world: World,
): readonly { readonly namespace: string; readonly needs: readonly ObjectRef[] }[] {
  const { namespace, object } = right;
  return world
    .unitsMadeBy(resourceOf(right))
    .filter(
      ({ ref }) =>
        (namespace === undefined || namespace === ref.namespace) && (object === undefined || object === ref.name),
    )
    .map((unit) => ({ namespace: unit.namespace, needs: [unit.ref] }));
}

/**
 * Root on any node by a pod that admission lets into a namespace (undefined: into any), or would once somebody switched Pod
 * Security off.
 */
export function* escapingPods(namespace: string | undefined, world: World): Generator<Hop> {
  const places = namespace === undefined ? world.namespaces : [namespace];
  const answers = places.map((place) => ({ place, admitted: world.admitsBeyond('baseline', place) }));
  const open = answers.filter(({ admitted }) => admitted.holds === true);
  const hop: Hop = { to: all('Root'), because: byTheRight };
  const [only] = open;
  if (only) {
    const many = rule('Pod Security', `${open.length} namespaces let pods beyond baseline in`);
    if (open.length === 1) yield* given(only.admitted, hop);
    else yield { ...hop, because: many };
    return;
  }
  for (const { place, admitted } of answers) {
    yield* given(admitted, hop);
    yield { ...hop, and: [node('AdmissionControl', undefined, place)] };
  }
}
