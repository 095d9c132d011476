import { defineEdge } from '../hops/define-edge.ts';
import { covers, escapes, mountGrants } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

/** As `/run`, which `/var/run` is a link to. */
const SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/docker.sock',
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/podman/podman.sock',
];

export const runtimeSocket = defineEdge({
  id: 'B10',
  title: 'runtime socket mounted: start a privileged container on the node',
  technique: ['T1610', 'T1611'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', (place) =>
      mountGrants(
        place,
        world,
        ({ hostPath }) => SOCKETS.some((socket) => covers(hostPath, socket)),
        ({ hostPath }) =>
          `container ${place.container.entry.name} has a container runtime's socket through ${hostPath}; read-only does not help, a socket is spoken to`,
      ),
    );
  },
  fix: 'Remove the mount; build images with a rootless builder, read metrics from the kubelet.',
  prove: 'Look whether the socket is there in the container and answers a version request.',
});
