import { defineEdge } from '../define-edge.ts';
import { escapes, fileModeOpen, hostMounts } from '../escapes.ts';
import { IN_POD } from '../hops.ts';

const MANIFESTS = ['/etc/kubernetes/manifests', '/var/lib/kubelet/manifests', '/etc/kubelet.d'];

export const staticPods = defineEdge({
  id: 'B12',
  title: 'write a static pod: the kubelet starts it without asking admission',
  technique: ['T1610', 'T1611'],
  matrix: ['TA9017'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', (place) => {
      const found = hostMounts(place, world).find(
        ({ mount, hostPath, throughClaim }) =>
          !throughClaim &&
          !mount.readOnly &&
          MANIFESTS.some((directory) => hostPath === directory || directory.startsWith(`${hostPath}/`)),
      );
      if (!found) return undefined;
      const open = fileModeOpen(place);
      return {
        path: ['volumes'],
        says: `container ${place.container.entry.name} may write static pod manifests through ${found.hostPath}`,
        ...(open === undefined ? {} : { open }),
      };
    });
  },
  fix: 'Do not mount the manifests directory of the kubelet.',
  prove: 'Look at /proc/self/mountinfo of the container.',
});
