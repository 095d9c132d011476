import { at, text } from '../../../model/json.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { actions } from '../hops/actions.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { escapes, mountGrants, overlaps, pathOfVolume } from '../hops/escapes.ts';
import { all } from '../hops/groups.ts';
import { IN_POD } from '../hops/hops.ts';
import { CONTROLLERS } from '../hops/new-pods.ts';
import type { AttackNode } from '../nodes.ts';
import { demandsOf } from '../world/placement.ts';
import type { World } from '../world/world.ts';

const SENSITIVE = [
  '/etc',
  '/root',
  '/usr',
  '/dev',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/spool/cron',
  '/run/containerd',
  '/run/docker.sock',
];

export const hostPathClaim = defineEdge({
  id: 'B17',
  title: 'sensitive host path through a PersistentVolumeClaim, which Pod Security does not see',
  technique: ['T1611'],
  cost: 1,
  from: [...IN_POD, ...actions(['create'], ['pods', ...CONTROLLERS])],
  *hops(from, world) {
    if (from.kind === 'May') {
      yield* byNewPods(from, world);
      return;
    }
    yield* escapes(from, world, 'Root', (place) =>
      mountGrants(
        place,
        world,
        ({ mount, hostPath, throughClaim }) => throughClaim && !mount.readOnly && isSensitive(hostPath),
        ({ hostPath }) => `container ${place.container.entry.name} may write ${hostPath} of its node through a claim`,
      ),
    );
  },
  fix: 'Use a storage class that does not hand out host paths.',
  prove: 'Look at /proc/self/mountinfo of the container.',
});

function isSensitive(hostPath: string): boolean {
  return hostPath === '/' || SENSITIVE.some((path) => overlaps(hostPath, path));
}

/** Whoever makes a pod in a namespace mounts the claims that are there. */
function* byNewPods(right: AttackNode, world: World): Generator<Hop> {
  for (const { object: volume } of world.snapshot.list('PersistentVolume')) {
    const path = pathOfVolume(volume);
    if (path === undefined || !isSensitive(path)) continue;
    for (const { namespace, name, needs } of claimsOf(volume, world)) {
      if ((right.namespace ?? namespace) !== namespace || !world.takesPods(namespace)) continue;
      const says = `claim ${namespace}/${name} is bound to ${path} of a node`;
      const asRoot = world.admitsBeyond('restricted', namespace).holds === true;
      yield {
        to: nodesOf(volume),
        needs: [refOf(volume), ...needs],
        because: () => [{ kind: 'field', object: refOf(volume), path: 'spec', value: path, says }],
        ...(asRoot ? {} : { open: 'pods may not run as root there: the file modes on the node decide' }),
      };
    }
  }
}

interface BoundClaim {
  readonly namespace: string;
  readonly name: string;
  /** The claim itself, where the volume does not say whose it is. */
  readonly needs: readonly ObjectRef[];
}

function claimsOf(volume: KubernetesObject, world: World): readonly BoundClaim[] {
  const name = text(at(volume, 'spec', 'claimRef', 'name'));
  if (name !== undefined)
    return [{ namespace: text(at(volume, 'spec', 'claimRef', 'namespace')) ?? 'default', name, needs: [] }];
  return world.snapshot.list('PersistentVolumeClaim').flatMap(({ object }): readonly BoundClaim[] => {
    if (at(object, 'spec', 'volumeName') !== volume.metadata.name) return [];
    const { namespace = 'default', name: own } = object.metadata;
    return [{ namespace, name: own, needs: [refOf(object)] }];
  });
}

/** Root where a pod that mounts the volume runs: on the nodes it is limited to, on any otherwise. */
function nodesOf(volume: KubernetesObject): AttackNode {
  const required = at(volume, 'spec', 'nodeAffinity', 'required');
  if (required === undefined) return all('Root');
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  return all('SchedulableRoot', demandsOf('Pod', { affinity, tolerations: [{ operator: 'Exists' }] }));
}
