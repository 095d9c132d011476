import type { ObjectRef } from '../../../model/object.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { contained, fileModeOpen, hostMounts, type HostMount } from '../hops/escapes.ts';
import { clusterKeyAt, type ClusterKey } from '../hops/host-credentials.ts';
import { containersAt, given, IN_POD, inSpec, rule, type InContainer } from '../hops/hops.ts';
import { API_REACH, node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';
import { servicesReached } from './a3-open-service.ts';
import { reachesNode } from './e12-open-kubelet.ts';

const ETCD_PORT = 2379;

export const clusterKeys = defineEdge({
  id: 'D12',
  title: 'the keys of the cluster on a control-plane node, or an etcd that asks nobody who they are',
  technique: ['T1552'],
  cost: 1,
  from: ['Reach', 'HostRead', ...IN_POD],
  *hops(from, world) {
    if (from.kind === 'Reach') {
      yield* servicesReached('D12', from, world);
    } else if (from.kind === 'HostRead') {
      // Who reads some files only, reads them in the container they are mounted into.
      if (from.object !== undefined || from.name === undefined) return;
      const because = rule('kubeadm', `the key of the CA is a file of the control-plane node ${from.name}`);
      for (const needs of world.nodes.controlPlaneBy(from.name)) yield { to: node('SystemMasters'), needs, because };
    } else {
      for (const place of containersAt(from, world)) {
        if (contained(place.unit, world)) continue;
        for (const name of placesOf(place, world)) {
          if (name === undefined) continue;
          for (const needs of world.nodes.controlPlaneBy(name)) {
            for (const mount of hostMounts(place, world)) yield* throughMount(place, mount, { name, needs }, world);
            yield* byHandles(place, { name, needs });
          }
        }
      }
    }
  },
  fix: 'Keep workloads off control-plane nodes, and give no pod there their directories.',
  prove: 'Look at /proc/self/mountinfo of the container; read no file.',
});

/** The nodes a pod runs on, or may run on. */
function placesOf({ unit }: InContainer, world: World): ReadonlySet<string | undefined> {
  return new Set([...unit.nodes, ...(unit.floating ? world.nodes.placesFor(unit.demands) : [])]);
}

/** A node of the control plane, and what says that it is one. */
interface ControlPlane {
  readonly name: string;
  readonly needs: readonly ObjectRef[];
}

function* throughMount(
  place: InContainer,
  mount: HostMount,
  { name, needs }: ControlPlane,
  world: World,
): Generator<Hop> {
  const { unit, container } = place;
  const key = clusterKeyAt(mount.hostPath);
  if (key === undefined) return;
  const open = fileModeOpen(place);
  const hop: Hop = {
    ...givenBy(key),
    needs: [unit.ref, ...needs, ...mount.needs],
    because: () => [
      inSpec(
        unit,
        mount.path,
        `container ${container.entry.name} may read ${mount.hostPath} of the control-plane node ${name}: ${meaningOf(key)}`,
      ),
    ],
    ...(open === undefined ? {} : { open }),
  };
  // On the network of the node etcd is on loopback.
  if (key !== 'etcd' || unit.spec['hostNetwork'] === true) yield hop;
  else yield* given(reachesNode(unit, name, ETCD_PORT, world), hop);
}

function givenBy(key: ClusterKey): Pick<Hop, 'to' | 'and'> {
  if (typeof key === 'object') return { to: node('Identity', key.user), and: [API_REACH] };
  return { to: node(key === 'SystemMasters' ? key : 'ClusterAdmin') };
}

function meaningOf(key: ClusterKey): string {
  if (typeof key === 'object') return `it makes its holder ${key.user}`;
  switch (key) {
    case 'SystemMasters':
      return 'whoever has the key of the CA signs a certificate of system:masters';
    case 'ClusterAdmin':
      return 'it makes its holder an administrator of the cluster';
    case 'etcd':
      return 'with a key of etcd every object can be read and written';
  }
}

function* byHandles(place: InContainer, { name, needs }: ControlPlane): Generator<Hop> {
  const { unit, container } = place;
  if (container.nonRoot || !hasCapability(container, 'DAC_READ_SEARCH')) return;
  yield {
    to: node('SystemMasters'),
    needs: [unit.ref, ...needs],
    because: () => [
      inSpec(
        unit,
        [...container.entry.path, 'securityContext', 'capabilities'],
        `container ${container.entry.name} may read any file of the control-plane node ${name}: ${meaningOf('SystemMasters')}`,
      ),
    ],
  };
}
