import type { KindKey, ObjectRef } from '../../../model/object.ts';
import { requesterKeys } from '../../access/subjects.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { subjectAt } from '../hops/principals.ts';
import type { Reads } from './reads.ts';
import type { World } from './world.ts';

/** Names of facts, the same where they are read and where they change. */
export const NAMES = {
  role: ({ kind, name }: Pick<ObjectRef, 'kind' | 'name'>): string => `role ${kind}/${name}`,
  rolesIn: (namespace: string): string => `roles ${namespace}`,
  binding: (name: string): string => `binding ${name}`,
  bindingsIn: (namespace: string): string => `bindings ${namespace}`,
  bindingsOfRole: (name: string): string => `bound ${name}`,
  subjects: 'subjects',
  pod: (namespace: string | undefined, name: string): string => `pod ${namespace ?? ''}/${name}`,
  podsIn: (namespace: string): string => `in ${namespace}`,
  podsOn: (node: string): string => `on ${node}`,
  podsOf: (resource: string): string => `of ${resource}`,
  floating: 'floating',
  everyPod: 'every pod',
  targets: 'targets',
  credentials: 'credentials',
  networkOf: (namespace: string): string => namespace,
  exposed: 'exposed',
  object: (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`,
  everyObject: 'every object',
  accountsIn: (namespace: string): string => `accounts ${namespace}`,
  secretsIn: (namespace: string): string => `secrets ${namespace}`,
} as const;

/** The same world, which notes what it is asked. */
export function noting(world: World, reads: Reads): World {
  const { grants, roles, pods, network, accounts, secretsIn, credentials } = world;
  const grant = (name: string): void => reads.note('grants', name);
  const pod = (name: string): void => reads.note('pods', name);
  const every = (kind: KindKey): void => reads.note(kind, NAMES.everyObject);
  const admission = (namespace: string): void => reads.note('Namespace', NAMES.object(undefined, namespace));
  const unit = ({ namespace, ref }: PodUnit): void => pod(NAMES.pod(namespace, ref.name));
  const connection = (...units: readonly PodUnit[]): void => {
    for (const one of units) {
      unit(one);
      reads.note('network', NAMES.networkOf(one.namespace));
    }
  };
  return {
    ...world,
    get targets() {
      pod(NAMES.targets);
      return world.targets;
    },
    snapshot: {
      ...world.snapshot,
      get(kind, namespace, name) {
        if (kind === 'ClusterRole.rbac.authorization.k8s.io') grant(NAMES.role({ kind: 'ClusterRole', name }));
        else reads.note(kind, NAMES.object(namespace, name));
        return world.snapshot.get(kind, namespace, name);
      },
      list: (kind) => (every(kind), world.snapshot.list(kind)),
    },
    accounts: {
      // Which namespaces there are is the same after every change that is told apart.
      namespaces: () => accounts.namespaces(),
      in: (namespace) => (reads.note('ServiceAccount', NAMES.accountsIn(namespace)), accounts.in(namespace)),
    },
    admitsBeyond: (level, namespace) => (admission(namespace), world.admitsBeyond(level, namespace)),
    guardsOf: (namespace) => (admission(namespace), world.guardsOf(namespace)),
    grants: {
      ...grants,
      get subjects() {
        grant(NAMES.subjects);
        return grants.subjects;
      },
      rolesOf(subject) {
        requesterKeys(subject).forEach(grant);
        return grants.rolesOf(subject);
      },
      clusterRole: (name) => (grant(NAMES.role({ kind: 'ClusterRole', name })), grants.clusterRole(name)),
      rolesIn: (namespace) => (grant(NAMES.rolesIn(namespace)), grants.rolesIn(namespace)),
      rolesNamed: (name) => (grant(NAMES.role({ kind: 'Role', name })), grants.rolesNamed(name)),
      bindingsIn: (namespace) => (grant(NAMES.bindingsIn(namespace)), grants.bindingsIn(namespace)),
      bindingsNamed: (name) => (grant(NAMES.binding(name)), grants.bindingsNamed(name)),
      bindingsOfRole: (name) => (grant(NAMES.bindingsOfRole(name)), grants.bindingsOfRole(name)),
    },
    roles: {
      ...roles,
      of(principal) {
        const subject = subjectAt(principal);
        if (subject) requesterKeys(subject).forEach(grant);
        return roles.of(principal);
      },
      at: (station) => (grant(`role ${station.name ?? ''}`), roles.at(station)),
      isBoundGroup(name) {
        requesterKeys({ user: '', groups: [name] }).forEach(grant);
        return roles.isBoundGroup(name);
      },
    },
    pods: {
      all: () => (pod(NAMES.everyPod), pods.all()),
      nodes: () => (pod(NAMES.everyPod), pods.nodes()),
      running: (image) => (pod(NAMES.everyPod), pods.running(image)),
      at(node) {
        pod(NAMES.pod(node.namespace, node.name?.replace(/[/:].*$/, '') ?? ''));
        return pods.at(node);
      },
      in: (namespace) => (pod(namespace === undefined ? NAMES.everyPod : NAMES.podsIn(namespace)), pods.in(namespace)),
      dormantIn: (namespace) => (pod(NAMES.podsIn(namespace)), pods.dormantIn(namespace)),
      named: (name, namespace) => (pod(NAMES.pod(namespace, name)), pods.named(name, namespace)),
      madeBy: (resource) => (pod(NAMES.podsOf(resource.split('.')[0] ?? '')), pods.madeBy(resource)),
      on: (node) => (pod(NAMES.podsOn(node ?? '')), pods.on(node)),
      floating: () => (pod(NAMES.floating), pods.floating()),
    },
    secretsIn(namespace) {
      pod(NAMES.podsIn(namespace));
      reads.note('Secret', NAMES.secretsIn(namespace));
      return secretsIn(namespace);
    },
    credentials: {
      configMaps: () => (every('ConfigMap'), credentials.configMaps()),
      environments: () => (pod(NAMES.credentials), credentials.environments()),
    },
    network: {
      ...network,
      reaches: (from, to, port) => (connection(from, to), network.reaches(from, to, port)),
      closedBy: (from, to, port) => (connection(from, to), network.closedBy(from, to, port)),
      reachesDespite: (from, to, port, by) => (connection(from, to), network.reachesDespite(from, to, port, by)),
      isUnrestricted: () => (reads.note('network', NAMES.exposed), network.isUnrestricted()),
      reachesAsSomePod(namespace, to, port) {
        connection(to);
        reads.note('network', namespace === undefined ? NAMES.exposed : NAMES.networkOf(namespace));
        return network.reachesAsSomePod(namespace, to, port);
      },
      reachesRelabelled: (from, to, port) => (connection(from, to), network.reachesRelabelled(from, to, port)),
      reachesApi: (from) => (connection(from), network.reachesApi(from)),
      reachesAddress: (from, address, port) => (connection(from), network.reachesAddress(from, address, port)),
      reachesAnywhere: (from, ports) => (connection(from), network.reachesAnywhere(from, ports)),
      reachedFromApi: (to, port) => (connection(to), network.reachedFromApi(to, port)),
      exposed() {
        reads.note('network', NAMES.exposed);
        pod(NAMES.everyPod);
        return network.exposed();
      },
    },
  };
}
