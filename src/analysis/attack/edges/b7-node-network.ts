import { defineEdge } from '../hops/define-edge.ts';
import { contained } from '../hops/escapes.ts';
import { containersAt, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';

/** NET_ADMIN redirects what passes the node; NET_RAW hears it, and is given by default. */
const CAPABILITIES = ['NET_ADMIN', 'NET_RAW'] as const;

export const nodeNetwork = defineEdge({
  id: 'B7',
  title: 'hear or redirect what passes the network of the node',
  technique: ['T1611', 'T1557'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    for (const { unit, container } of containersAt(from, world)) {
      if (unit.spec['hostNetwork'] !== true || contained(unit, world)) continue;
      if (container.nonRoot && !container.privileged) continue;
      const held = CAPABILITIES.find((name) => hasCapability(container, name));
      if (held === undefined) continue;
      yield {
        to: node('TrafficIntercept'),
        needs: [unit.ref],
        because: () => [
          inSpec(unit, ['hostNetwork'], `container ${container.entry.name} has ${held} on the network of its node`),
        ],
      };
    }
  },
  fix: 'Remove hostNetwork, or drop NET_RAW and NET_ADMIN.',
  prove: 'Read CapEff of the container process and compare its interfaces with those of the node.',
});
