import { defineEdge } from '../hops/define-edge.ts';
import { escapes, mountGrants, overlaps } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

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
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', (place) =>
      mountGrants(
        place,
        world,
        ({ mount, hostPath, throughClaim }) =>
          throughClaim && !mount.readOnly && (hostPath === '/' || SENSITIVE.some((path) => overlaps(hostPath, path))),
        ({ hostPath }) => `container ${place.container.entry.name} may write ${hostPath} of its node through a claim`,
      ),
    );
  },
  fix: 'Use a storage class that does not hand out host paths.',
  prove: 'Look at /proc/self/mountinfo of the container.',
});
