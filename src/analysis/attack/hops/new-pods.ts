import type { Guard } from '../facts/guard.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { actions, resourceOf } from './actions.ts';
import type { Hop } from './define-edge.ts';
import { all } from './groups.ts';
import { byTheRight, given, rule, shellOf } from './hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import type { World } from '../world/world.ts';

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
): readonly { readonly namespace: string; readonly shell: AttackNode; readonly needs: readonly ObjectRef[] }[] {
  const { namespace, object } = right;
  // What a Job makes pods of can't be changed once it is there.
  if (resourceOf(right) === 'jobs.batch') return [];
  return world.pods
    .madeBy(resourceOf(right))
    .filter(
      ({ ref }) =>
        (namespace === undefined || namespace === ref.namespace) && (object === undefined || object === ref.name),
    )
    .map((unit) => ({ namespace: unit.namespace, shell: shellOf(unit), needs: [unit.ref] }));
}

/**
 * Root on any node by a pod that admission lets into a namespace (undefined: into any), or would once somebody switched Pod
 * Security off.
 */
export function* escapingPods(namespace: string | undefined, world: World): Generator<Hop> {
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  const open = places.filter(
    (place) => world.admitsBeyond('baseline', place).holds === true && world.guardsOf(place).length === 0,
  );
  const hop: Hop = { to: all('Root'), because: byTheRight };
  const [only] = open;
  if (open.length > 1)
    yield { ...hop, because: rule('Pod Security', `${open.length} namespaces let pods beyond baseline in`) };
  else if (only !== undefined) yield* given(world.admitsBeyond('baseline', only), hop);
  else for (const place of places) yield* admitted('baseline', place, hop, world);
}

/**
 * A hop by a pod that is beyond a level of the Pod Security Standards: as it is where admission lets the pod in, with the powers over admission where
 * it doesn't, and with an open premise where a webhook or a policy decides.
 */
export function* admitted(level: 'baseline' | 'restricted', namespace: string, hop: Hop, world: World): Generator<Hop> {
  const fact = world.admitsBeyond(level, namespace);
  const control = node('AdmissionControl', undefined, namespace);
  for (const one of [...given(fact, hop), ...(fact.holds === true ? [] : [also(hop, control)])]) {
    const guards = world.guardsOf(namespace);
    const [guard] = guards;
    if (!guard) yield one;
    else {
      yield { ...one, because: () => [...one.because(), guard.because], open: one.open ?? guard.because.says };
      if (guards.every(({ restsOn }) => restsOn.length > 0)) yield guards.map(powerOver).reduce(also, one);
    }
  }
}

/** The power to take away one of what is asked beside Pod Security. */
export function powerOver({ restsOn: [first] }: Guard): AttackNode {
  return node('AdmissionControl', first && `${first.resource}/${first.name}`);
}

function also(hop: Hop, power: AttackNode): Hop {
  return { ...hop, and: [...(hop.and ?? []), power] };
}
