import type { ObjectRef } from '../../../model/object.ts';
import type { CompiledBinding } from '../../access/objects.ts';
import type { HeldRole } from '../facts/access-facts.ts';
import { contained } from './escapes.ts';
import { all, isStatic } from './groups.ts';
import { at, text } from '../../../model/json.ts';
import { hostsOf, shellOn, tokenOf } from './hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { identityOfAccount } from './principals.ts';
import type { World } from '../world/world.ts';

export interface Reached {
  readonly to: AttackNode;
  readonly needs: readonly ObjectRef[];
}

/**
 * Roles that bindings refer to, each by its station, for whoever may change a role without being bound to it: another identity
 * that is held may be.
 */
export function rolesBoundToAnybody(
  bindings: readonly CompiledBinding[],
  world: World,
): ReadonlyMap<AttackNode, HeldRole> {
  const held = bindings.flatMap(({ role, namespace }) =>
    typeof role === 'string' ? [] : [{ role, namespace: namespace === '' ? undefined : namespace }],
  );
  return new Map(held.map((one) => [world.roles.stationOf(one), one]));
}

/** What somebody is whose role, bound in a namespace or (undefined) everywhere, says whatever they like. */
export function administratorOf(namespace: string | undefined): AttackNode {
  return namespace === undefined ? node('ClusterAdmin') : node('NamespaceAdmin', undefined, namespace);
}

/** The pods a right on pods is about. */
export function unitsUnder({ namespace, object }: AttackNode, world: World): readonly PodUnit[] {
  if (object === undefined) return world.pods.in(namespace);
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  return places.flatMap((place) => world.pods.named(object, place));
}

/** Shells in the pods a right on pods is about. */
export function podsUnder(right: AttackNode, world: World): readonly Reached[] {
  if (right.object === undefined) return [{ to: all('Shell', right.namespace), needs: [] }];
  return unitsUnder(right, world).map((unit) => ({
    to: shellOn(unit, nodeOfPod(unit, right.object), world),
    needs: [unit.ref],
  }));
}

/** Shells in the pods whose specification a right lets change. */
export function changeableUnder(right: AttackNode, world: World): readonly Reached[] {
  if (right.object === undefined) return [{ to: all('ChangeableShell', right.namespace), needs: [] }];
  return unitsUnder(right, world).some(isStatic) ? [] : podsUnder(right, world);
}

/** The node of the pod of that name. */
function nodeOfPod({ workload }: PodUnit, name: string | undefined): string | undefined {
  const live = workload.pods.find(({ object }) => object.metadata.name === name);
  return live && text(at(live.object, 'spec', 'nodeName'));
}

/** Root of the machines of the pods that a right lets change, where they are not contained; by namespace of the pods. */
export function hostsUnder(right: AttackNode, world: World): readonly (Reached & { readonly namespace: string })[] {
  if (right.object === undefined) {
    const places = right.namespace === undefined ? world.accounts.namespaces() : [right.namespace];
    return places.map((namespace) => ({ namespace, to: all('Host', namespace), needs: [] }));
  }
  const units = unitsUnder(right, world).filter((unit) => !isStatic(unit) && !contained(unit, world));
  return units.flatMap((unit) =>
    hostsOf('Root', unit).map((to) => ({ namespace: unit.namespace, to, needs: [unit.ref] })),
  );
}

/** Ports worth reaching of the pods a right on pods is about. */
export function portsUnder(right: AttackNode, world: World): readonly Reached[] {
  if (right.object === undefined) return [{ to: all('Reach', right.namespace), needs: [] }];
  const units = new Set(unitsUnder(right, world));
  return world.targets.all
    .filter(({ unit }) => units.has(unit))
    .map(({ unit, port }) => ({ to: node('Reach', `${unit.name}:${port}`, unit.namespace), needs: [unit.ref] }));
}

/** The Secrets a right on Secrets is about. */
export function secretsUnder({ namespace, object }: AttackNode, world: World): readonly AttackNode[] {
  if (object === undefined) return [all('Secret', namespace)];
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  return places.flatMap((place) => (world.secretsIn(place).includes(object) ? [node('Secret', object, place)] : []));
}

/** The service accounts a right on them is about, as tokens or as identities. */
export function accountsUnder(
  kind: 'Token' | 'Identity',
  { namespace, object }: AttackNode,
  world: World,
): readonly AttackNode[] {
  if (object === undefined) return [all(kind, namespace)];
  const places = namespace === undefined ? world.accounts.namespaces() : [namespace];
  return places
    .flatMap((place) => world.accounts.in(place))
    .filter(({ name }) => name === object)
    .map((account) => (kind === 'Token' ? tokenOf(account) : identityOfAccount(account.namespace, account.name)));
}

/**
 * Whether a right opens a stream into a pod (exec, attach, portforward): `create`; before 1.35 `get` too, because a WebSocket
 * upgrade is an HTTP GET. Sources: kubernetes#78741, KEP-4006, gate AuthorizePodWebsocketUpgradeCreatePermission.
 */
export function opensStream({ name }: AttackNode, { version }: World): boolean {
  return name?.startsWith('create ') === true || (version.major === 1 && version.minor < 35);
}
