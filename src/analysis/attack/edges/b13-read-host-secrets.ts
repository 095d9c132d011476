import { defineEdge } from '../hops/define-edge.ts';
import { covers, escapes, mountGrants } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

/** Where a node keeps tokens, keys and kubeconfigs. */
const SECRETS = [
  '/etc/kubernetes',
  '/etc/kubernetes/pki',
  '/var/lib/kubelet',
  '/var/lib/kubelet/pods',
  '/var/lib/kubelet/pki',
  '/root/.kube',
  '/var/lib/etcd',
  '/etc/rancher',
  '/var/lib/rancher',
];

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
        ({ hostPath }) => SECRETS.some((path) => covers(hostPath, path)),
        ({ hostPath }) => `container ${place.container.entry.name} may read ${hostPath} of its node`,
      ),
    );
  },
  fix: 'Remove the mount or narrow it to what is needed.',
  prove: 'Look at /proc/self/mountinfo of the container; read no file.',
});
