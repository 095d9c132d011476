import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight, containersAt, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';

const CONFIGURATIONS = [undefined, 'coredns', 'kube-dns', 'coredns-custom'];

export const spoofing = defineEdge({
  id: 'H6',
  title: 'answer in the name of others: forge packets, or write the configuration of the cluster DNS',
  technique: ['T1557'],
  matrix: ['TA9035', 'TA9036'],
  cost: 2,
  from: [...IN_POD, ...actions(['update', 'patch'], ['configmaps'])],
  *hops(from, world) {
    if (from.kind === 'May') {
      if (from.namespace !== undefined && from.namespace !== 'kube-system') return;
      if (CONFIGURATIONS.includes(from.object)) yield { to: node('TrafficIntercept'), because: byTheRight };
      return;
    }
    for (const { unit, container } of containersAt(from, world)) {
      if (container.nonRoot || !hasCapability(container, 'NET_RAW')) continue;
      yield {
        to: node('TrafficIntercept'),
        needs: [unit.ref],
        because: () => [
          inSpec(
            unit,
            [...container.entry.path, 'securityContext', 'capabilities'],
            `container ${container.entry.name} may send any packet (NET_RAW is not dropped)`,
          ),
        ],
        open: 'whether forged ARP or DNS answers reach a neighbour is up to the network plugin',
      };
    }
  },
  fix: 'Drop NET_RAW; keep write on ConfigMaps of kube-system to the control plane.',
  prove: 'Read CapEff of the container process; ask for an access review of update on ConfigMap coredns.',
});
