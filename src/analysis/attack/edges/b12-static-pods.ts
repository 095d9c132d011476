import { defineEdge } from '../hops/define-edge.ts';
import { escapes, mountGrants } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

const MANIFESTS = ['/etc/kubernetes/manifests', '/var/lib/kubelet/manifests', '/etc/kubelet.d'];

export const staticPods = defineEdge({
  id: 'B12',
  title: 'write a static pod: the kubelet starts it without asking admission',
  technique: ['T1610', 'T1611'],
  matrix: ['TA9017'],
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
          MANIFESTS.some((directory) => hostPath === directory || directory.startsWith(`${hostPath}/`)),
        ({ hostPath }) => `container ${place.container.entry.name} may write static pod manifests through ${hostPath}`,
      ),
    );
  },
  fix: 'Do not mount the manifests directory of the kubelet.',
  prove: 'Look at /proc/self/mountinfo of the container.',
});
