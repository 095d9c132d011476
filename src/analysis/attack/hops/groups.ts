import { record } from '../../../model/json.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { givenByBindings, givenByRoles } from './bound-roles.ts';
import { contained } from './escapes.ts';
import { groupOfIdentity, identityOfAccount, identityOfSubject } from './principals.ts';
import { hostsOf, shellOf, shellOn, tokenOf, touchesHost } from './hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import { secretsOf, secretsSeenBy, tokenMounted, type PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

/** A member of a group, with what must be there for it to be one. */
export interface Member {
  readonly node: AttackNode;
  readonly needs: readonly ObjectRef[];
}

/**
 * Groups an edge may lead to instead of to each member: "may read every Secret of shop" is then one hop, and who is in
 * the group is found once. A group has a scope: one namespace, or (undefined) everywhere.
 */
const GROUPS = {
  Token: scoped('Token', (world, namespace) =>
    world.accounts.in(namespace).map((one) => ({ node: tokenOf(one), needs: [] })),
  ),
  Secret: scoped('Secret', (world, namespace) =>
    world.secretsIn(namespace).map((name) => ({ node: node('Secret', name, namespace), needs: [] })),
  ),
  Shell: scoped('Shell', (world, namespace) =>
    world.pods.in(namespace).map((unit) => ({ node: shellOf(unit), needs: [unit.ref] })),
  ),
  /** Pods that the API server may change: those the kubelet has from a file it puts back. */
  ChangeableShell: scoped('ChangeableShell', (world, namespace) =>
    world.pods
      .in(namespace)
      .filter((unit) => !isStatic(unit))
      .map((unit) => ({ node: shellOf(unit), needs: [unit.ref] })),
  ),
  /** Pods which a controller makes again, on whatever node takes them. */
  MovableShell: (world: World) =>
    world.pods.all().flatMap((unit) => (isMovable(unit) ? [{ node: shellOf(unit), needs: [unit.ref] }] : [])),
  /** Pods which a controller makes again when they end. */
  RemadeShell: scoped('RemadeShell', (world, namespace) =>
    world.pods
      .in(namespace)
      .filter(isMadeAgain)
      .map((unit) => ({ node: shellOf(unit), needs: [unit.ref] })),
  ),
  /** Root of the machines they run on. */
  RemadeHost: scoped('RemadeHost', (world, namespace) =>
    world.pods
      .in(namespace)
      .filter(isMadeAgain)
      .flatMap((unit) => hostsOf('Root', unit).map((host) => ({ node: host, needs: [unit.ref] }))),
  ),
  /** Root of the machines pods run on, of those that are changeable and not contained. */
  Host: scoped('Host', (world, namespace) =>
    world.pods
      .in(namespace)
      .filter((unit) => !isStatic(unit) && !contained(unit, world))
      .flatMap((unit) => hostsOf('Root', unit).map((host) => ({ node: host, needs: [unit.ref] }))),
  ),
  Reach: scoped('Reach', (world, namespace) =>
    world.targets.all
      .filter(({ unit }) => unit.namespace === namespace)
      .map(({ unit, port }) => ({ node: node('Reach', `${unit.name}:${port}`, unit.namespace), needs: [unit.ref] })),
  ),
  Identity: scoped('Identity', (world, namespace) =>
    world.accounts.in(namespace).map((one) => ({ node: identityOfAccount(one.namespace, one.name), needs: [] })),
  ),
  NamespaceAdmin: scoped('NamespaceAdmin', (_world, namespace) => [
    { node: node('NamespaceAdmin', undefined, namespace), needs: [] },
  ]),
  AdmissionControl: scoped('AdmissionControl', (_world, namespace) => [
    { node: node('AdmissionControl', undefined, namespace), needs: [] },
  ]),
  /** Every Role of a namespace, as whoever may bind it holds it. */
  Role: scoped('Role', (world, namespace) => givenByRoles(namespace, world)),
  /** A ClusterRole in every namespace, as whoever may bind it there holds it. */
  RoleInEvery(world: World, name = ''): readonly Member[] {
    const role = world.grants.clusterRole(name);
    if (!role) return [];
    const needs = [role.ref];
    return world.accounts
      .namespaces()
      .map((namespace) => ({ node: world.roles.stationOf({ role, namespace }), needs }));
  },
  /** The roles that bindings refer to, as whoever may join them holds them. */
  RoleOfCluster: (world: World) => givenByBindings('ClusterRole', undefined, world),
  BoundClusterRole: scoped('BoundClusterRole', (world, namespace) => givenByBindings('ClusterRole', namespace, world)),
  BoundRole: scoped('BoundRole', (world, namespace) => givenByBindings('Role', namespace, world)),
  /** Every user some binding names. */
  User: (world: World) =>
    world.grants.subjects.flatMap((subject) =>
      subject.kind === 'User' ? [{ node: identityOfSubject(subject), needs: [] }] : [],
    ),
  /** Every group some binding names, system:masters aside. */
  Group: (world: World) =>
    world.grants.subjects.flatMap((subject): readonly Member[] => {
      const identity = identityOfSubject(subject);
      const group = groupOfIdentity(identity);
      return group === undefined || group === 'system:masters' ? [] : [{ node: identity, needs: [] }];
    }),
  /** Root of every node: who names a pod's node himself asks no scheduler. */
  Root: (world: World) => world.nodes.names().map((name) => ({ node: node('Root', name), needs: [] })),
  /** The kubelet of every node. */
  NodeIdentity: (world: World) => world.nodes.names().map((name) => ({ node: node('NodeIdentity', name), needs: [] })),
  /** Root of every node the scheduler may choose. */
  SchedulableRoot: (world: World, demands = '') =>
    [...world.nodes.placesFor(demands)].map((name) => ({ node: node('Root', name), needs: [] })),
  SchedulableHostRead: (world: World, demands = '', part?: string) =>
    [...world.nodes.placesFor(demands)].map((name) => ({
      node: part === undefined ? node('HostRead', name) : { ...node('HostRead', name), object: part },
      needs: [],
    })),
  SchedulableNodeIdentity: (world: World, demands = '') =>
    [...world.nodes.placesFor(demands)].map((name) => ({ node: node('NodeIdentity', name), needs: [] })),
  /** What a node that the scheduler may choose perhaps runs: pods without a node of their own. */
  FloatingShell: floating((unit) => (touchesHost(unit) ? [] : [shellOf(unit)])),
  /** Those of them that name something of their node, on one node. */
  FloatingHostShell: floating((unit, world, on) => (touchesHost(unit) ? [shellOn(unit, on, world)] : [])),
  FloatingToken: floating((unit) => [tokenOf({ namespace: unit.namespace, name: unit.serviceAccount })]),
  FloatingSecret: floating((unit) => secretsOf(unit).map((name) => node('Secret', name, unit.namespace))),
  FloatingCredential: floating(credentialsOnDisk),
} satisfies Record<string, MembersOf>;

type MembersOf = (world: World, scope: string | undefined, on: string | undefined) => readonly Member[];

export type GroupName = keyof typeof GROUPS;

/** Every member of a group at once, as a node. */
export function all(group: GroupName, namespace?: string): AttackNode {
  return node('All', group, namespace);
}

export function membersOf({ name, namespace, object }: AttackNode, world: World): readonly Member[] {
  const members: MembersOf = GROUPS[name as GroupName];
  return members(world, namespace, object);
}

/** What the pods hold that the scheduler may put on a node: a group for each of their demands which the node meets. */
export function floatingOn(
  name: string | undefined,
  group: 'FloatingShell' | 'FloatingToken' | 'FloatingSecret' | 'FloatingCredential',
  world: World,
): readonly AttackNode[] {
  return [...floatingUnits(world)].flatMap(([demands, units]) => {
    if (!world.nodes.placesFor(demands).has(name)) return [];
    const found = all(group, demands || undefined);
    if (group !== 'FloatingShell' || !units.some(touchesHost)) return [found];
    const onHost = all('FloatingHostShell', demands || undefined);
    return [found, name === undefined ? onHost : { ...onHost, object: name }];
  });
}

const BY_DEMANDS = new WeakMap<readonly PodUnit[], ReadonlyMap<string, readonly PodUnit[]>>();

/** Pods without a node by what they ask of one. */
function floatingUnits({ pods }: World): ReadonlyMap<string, readonly PodUnit[]> {
  const units = pods.floating();
  let known = BY_DEMANDS.get(units);
  if (!known) BY_DEMANDS.set(units, (known = Map.groupBy(units, ({ demands }) => demands)));
  return known;
}

/** The tokens and Secrets a pod has on the disk of its node. */
export function credentialsOnDisk(unit: PodUnit, world: World): readonly AttackNode[] {
  const token = unit.containers.some((container) => tokenMounted(world.snapshot, unit, container));
  const secrets = new Set(unit.containers.flatMap((container) => secretsSeenBy(unit, container)));
  return [
    ...(token ? [tokenOf({ namespace: unit.namespace, name: unit.serviceAccount })] : []),
    ...[...secrets].map((name) => node('Secret', name, unit.namespace)),
  ];
}

/** A pod the kubelet runs from a file of its node; the API server has a mirror of it, and changes to that change nothing. */
export function isStatic({ workload }: PodUnit): boolean {
  return workload.pods.some(
    ({ object: { metadata } }) => metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
  );
}

/** A bare pod does not come back. */
export function isMadeAgain({ ref }: PodUnit): boolean {
  return ref.kind !== 'Pod';
}

/** A pod of a DaemonSet stays where it is, a bare pod does not come back, and a chosen node may not be the one held. */
function isMovable({ ref, spec }: PodUnit): boolean {
  return (
    ref.kind !== 'Pod' &&
    ref.kind !== 'DaemonSet' &&
    spec['nodeName'] === undefined &&
    spec['nodeSelector'] === undefined &&
    record(spec['affinity'])['nodeAffinity'] === undefined
  );
}

/** Everywhere, a group is made of the groups of all namespaces. */
function scoped(name: string, inOne: (world: World, namespace: string) => readonly Member[]) {
  return (world: World, namespace: string | undefined): readonly Member[] =>
    namespace === undefined
      ? world.accounts.namespaces().map((one) => ({ node: node('All', name, one), needs: [] }))
      : inOne(world, namespace);
}

function floating(holds: (unit: PodUnit, world: World, on: string | undefined) => readonly AttackNode[]) {
  return (world: World, demands = '', on?: string): readonly Member[] =>
    (floatingUnits(world).get(demands) ?? []).flatMap((unit) =>
      holds(unit, world, on).map((one) => ({ node: one, needs: [unit.ref] })),
    );
}
