import { defineCheck } from '../define-check.ts';
import { hostPathMounts, isWithin, type HostPathMount } from '../host-paths.ts';
import { effective, type PodSubject } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/** Where container runtimes listen; `/var/run` is `/run`. */
const RUNTIME_SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/docker.sock',
  '/run/cri-dockerd.sock',
  '/run/dockershim.sock',
  '/run/podman/podman.sock',
  '/run/k3s/containerd/containerd.sock',
] as const;

/** A container that can talk to the runtime can start a privileged container and own the node. */
export const runtimeSocketMount = defineCheck({
  id: 'runtime-socket-mount',
  title: 'The socket of the container runtime is mounted',
  holds: 'No container sees the socket of the container runtime',
  severity: 'critical',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.11'], nsa: ['pods'], attack: ['T1611', 'T1610'], owasp: ['K01'] },
  messages: {
    mounted: ({ name, socket, path }: { readonly name: string; readonly socket: string; readonly path: string }) =>
      `container ${name} sees the runtime's socket ${socket}${path === socket ? '' : ` through ${path}`}; read-only mounts do not help`,
  },
  *run(pod, report) {
    for (const mount of hostPathMounts(pod)) {
      const socket = RUNTIME_SOCKETS.find((candidate) => isWithin(candidate, mount.hostPath));
      if (socket === undefined || isOutOfReach(mount, socket, pod)) continue;
      yield report('mounted', { name: mount.container.name, socket, path: mount.hostPath }, mount.place);
    }
  },
});

/** Sockets belong to root: a container known to run as another user can't open one it merely sees from a directory above. */
function isOutOfReach(mount: HostPathMount, socket: string, pod: PodSubject): boolean {
  if (mount.hostPath === socket || mount.container.securityContext['privileged'] === true) return false;
  const uid = effective(pod, mount.container, 'runAsUser');
  const gids = [pod.securityContext['fsGroup'], ...[pod.securityContext['supplementalGroups'] ?? []].flat()];
  return typeof uid === 'number' && uid !== 0 && gids.every((gid) => gid === undefined || gid === null);
}
