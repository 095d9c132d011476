import { defineEdge } from '../hops/define-edge.ts';
import { escapes, mountGrants, overlaps } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

/** Directories of a node through which a writer becomes root on it. Devices, too: a disk can be written raw. */
const SENSITIVE = [
  '/',
  '/etc',
  '/root',
  '/home',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/boot',
  '/dev',
  '/opt/cni',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/spool/cron',
];

export const writableHostPath = defineEdge({
  id: 'B8',
  title: 'writable sensitive host path',
  technique: ['T1611'],
  matrix: ['TA9013'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', (place) =>
      mountGrants(
        place,
        world,
        ({ mount, hostPath, throughClaim }) =>
          !throughClaim &&
          !mount.readOnly &&
          SENSITIVE.some((path) => (path === '/' ? hostPath === '/' : overlaps(hostPath, path))),
        ({ hostPath }) => `container ${place.container.entry.name} may write ${hostPath} of its node`,
      ),
    );
  },
  fix: 'Mount the path read-only, narrow it, or use a volume that is not of the host.',
  prove: 'Look at /proc/self/mountinfo of the container: the mount is there and rw. Nothing is written.',
});
