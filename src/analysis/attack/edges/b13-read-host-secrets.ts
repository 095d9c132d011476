import { defineEdge } from '../hops/define-edge.ts';
import { escapes, mountGrants } from '../hops/escapes.ts';
import { hasKubeletIdentity, hasPodFiles, holdsCredentials } from '../hops/host-credentials.ts';
import { IN_POD } from '../hops/hops.ts';

export const readHostSecrets = defineEdge({
  id: 'B13',
  title: 'read the credentials of the node through a host path',
  technique: ['T1552'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'HostRead', (place) =>
      mountGrants(
        place,
        world,
        ({ hostPath }) => holdsCredentials(hostPath),
        ({ hostPath }) => `container ${place.container.entry.name} may read ${hostPath} of its node`,
        ({ hostPath }) => (hostPath === '/' ? undefined : hasPodFiles(hostPath) ? 'kubelet' : 'some'),
      ),
    );
    yield* escapes(from, world, 'NodeIdentity', (place) =>
      mountGrants(
        place,
        world,
        ({ hostPath }) => hasKubeletIdentity(hostPath),
        ({ hostPath }) => `container ${place.container.entry.name} may read the key of the kubelet in ${hostPath}`,
      ),
    );
  },
  fix: 'Remove the mount or narrow it to what is needed.',
  prove: 'Look at /proc/self/mountinfo of the container; read no file.',
});
