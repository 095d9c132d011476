import { defineEdge } from '../hops/define-edge.ts';
import { contained, covers, fileModeOpen, hostMounts } from '../hops/escapes.ts';
import { containersAt, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';
import { servicesReached } from './a3-open-service.ts';

/** Where a control-plane node keeps the key of the CA, the key that signs tokens, and everything the API stores. */
const KEYS = ['/etc/kubernetes/pki', '/var/lib/etcd', '/etc/rancher', '/var/lib/rancher', '/var/lib/minikube/certs'];

export const clusterKeys = defineEdge({
  id: 'D12',
  title: 'the keys of the cluster on a control-plane node, or an etcd that asks nobody who they are',
  technique: ['T1552'],
  cost: 1,
  from: ['Reach', ...IN_POD],
  *hops(from, world) {
    if (from.kind === 'Reach') {
      yield* servicesReached('D12', from, world);
      return;
    }
    for (const place of containersAt(from, world)) {
      const { unit, container } = place;
      const nodes = [...unit.nodes, ...(unit.floating ? world.nodes.placesFor(unit.demands) : [])];
      const there = nodes.find((name) => name !== undefined && world.nodes.isControlPlane(name));
      if (there === undefined) continue;
      const open = fileModeOpen(place);
      const mount = hostMounts(place, world).find(({ hostPath }) => KEYS.some((path) => covers(hostPath, path)));
      const handles = !contained(unit, world) && !container.nonRoot && hasCapability(container, 'DAC_READ_SEARCH');
      if (!mount && !handles) continue;
      yield {
        to: node('SystemMasters'),
        needs: [unit.ref, { apiVersion: 'v1', kind: 'Node', name: there }],
        because: () => [
          inSpec(
            unit,
            mount ? mount.path : [...container.entry.path, 'securityContext', 'capabilities'],
            `container ${container.entry.name} may read ${mount?.hostPath ?? 'any file'} of the control-plane node ${there}: whoever has the key of the CA signs a certificate of system:masters`,
          ),
        ],
        ...(mount && open !== undefined ? { open } : {}),
      };
    }
  },
  fix: 'Keep workloads off control-plane nodes, and give no pod there their directories.',
  prove: 'Look at /proc/self/mountinfo of the container; read no file.',
});
