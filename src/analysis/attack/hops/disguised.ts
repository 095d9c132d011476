import { at, record } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { actions, type Action } from './actions.ts';
import type { Hop } from './define-edge.ts';
import { byTheRight, given, rule, shellOf } from './hops.ts';
import { CONTROLLERS } from './new-pods.ts';
import { node, type AttackNode } from '../nodes.ts';
import { all, isStatic } from './groups.ts';
import { unitsUnder } from './rights.ts';
import type { World } from '../world/world.ts';

/** Rights to pods with labels of choice. */
export const NEW_PODS: readonly Action[] = actions(['create'], ['pods', ...CONTROLLERS]);
export const RELABELS_PODS: readonly Action[] = actions(['update', 'patch'], ['pods']);
export const RELABELS_NAMESPACES: readonly Action[] = actions(['update', 'patch'], ['namespaces']);

/** Pairs of pods looked at for one right to relabel namespaces. */
const MOST_PAIRS = 20_000;

/** What a pod of one's own reaches: its maker chooses its labels. */
export function* fromNewPods({ namespace }: AttackNode, world: World): Generator<Hop> {
  if (world.network.isUnrestricted()) {
    yield { to: all('Reach'), because: rule('NetworkPolicy', 'no policy restricts any pod of the cluster') };
    return;
  }
  for (const { unit, port } of world.targets.all)
    yield* given(world.network.reachesAsSomePod(namespace, unit, port), {
      to: node('Reach', `${unit.name}:${port}`, unit.namespace),
      needs: [unit.ref],
      because: byTheRight,
    });
}

/** What pods reach that get other labels, beyond what they reach as they are. */
export function* fromRelabelledPods(right: AttackNode, world: World): Generator<Hop> {
  const [first, second] = changeable(right, world);
  if (!first || world.network.isUnrestricted()) return;
  const namespace = right.object === undefined ? right.namespace : first.namespace;
  for (const { unit, port } of world.targets.all) {
    if (unit === first && !second) continue;
    yield* given(world.network.reachesAsSomePod(namespace, unit, port), {
      to: node('Reach', `${unit.name}:${port}`, unit.namespace),
      needs: second ? [unit.ref] : [first.ref, unit.ref],
      because: byTheRight,
    });
  }
}

/** What pods reach once their namespace has other labels. */
export function* fromRelabelledNamespaces(right: AttackNode, world: World): Generator<Hop> {
  if (world.network.isUnrestricted()) return;
  const sources = world.pods.in(right.namespace ?? right.object);
  const targets = world.targets.all;
  if (sources.length * targets.length > MOST_PAIRS) {
    const open = `what ${sources.length} pods reach once namespaces are relabelled was not worked out for each`;
    yield { to: all('Reach'), because: byTheRight, open };
    return;
  }
  for (const source of sources) {
    for (const { unit, port } of targets) {
      if (unit === source || world.network.reaches(source, unit, port).holds === true) continue;
      yield* given(world.network.reachesRelabelled(source, unit, port), {
        to: node('Reach', `${unit.name}:${port}`, unit.namespace),
        and: [shellOf(source)],
        needs: [source.ref, unit.ref],
        because: byTheRight,
      });
    }
  }
}

/** Services told apart for one right: of more none is essential. */
const MOST_SERVICES = 20;

/** The Services that send to pods with labels of choice, each as what a hop needs. */
export function servicesJoined(right: AttackNode, world: World): readonly (readonly ObjectRef[])[] {
  if (RELABELS_PODS.includes(right.name as Action) && changeable(right, world).length === 0) return [];
  const found = world.snapshot.list('Service').filter(({ object }) => {
    const here = (right.namespace ?? object.metadata.namespace) === object.metadata.namespace;
    return here && Object.keys(record(at(object, 'spec', 'selector'))).length > 0;
  });
  return found.length > MOST_SERVICES ? [[]] : found.map(({ object }) => [refOf(object)]);
}

/** The pods a right lets relabel; the kubelet puts those back that it has from a file. */
function changeable(right: AttackNode, world: World): readonly PodUnit[] {
  return unitsUnder(right, world).filter((unit) => !isStatic(unit));
}
