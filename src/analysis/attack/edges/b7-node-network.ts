import { defineEdge } from '../hops/define-edge.ts';
import { contained, escapes } from '../hops/escapes.ts';
import { containersAt, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';

/** NET_ADMIN redirects what passes the node; NET_RAW hears it, and is given by default. */
const CAPABILITIES = ['NET_ADMIN', 'NET_RAW'] as const;

/** Capabilities on the kernel itself, and what decides whether they are enough. */
const ON_THE_KERNEL: Readonly<Record<string, string>> = {
  SYS_RAWIO:
    'whether ports and memory of the machine can be opened is up to its kernel and the devices of the container',
  BPF: 'what programs in the kernel may write is up to the kernel',
  PERFMON: 'what probes of other processes and of the kernel may be set is up to the kernel',
};

export const nodeNetwork = defineEdge({
  id: 'B7',
  title: 'hear or redirect what passes the network of the node, or change what its kernel does',
  technique: ['T1611', 'T1557'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ container }) => {
      const held = Object.keys(ON_THE_KERNEL).find((name) => hasCapability(container, name));
      if (held === undefined || container.privileged || container.nonRoot) return undefined;
      return {
        path: [...container.entry.path, 'securityContext', 'capabilities'],
        says: `container ${container.entry.name} has ${held}`,
        open: ON_THE_KERNEL[held] ?? held,
      };
    });
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
  fix: 'Remove hostNetwork, or drop NET_RAW and NET_ADMIN; drop BPF, PERFMON and SYS_RAWIO.',
  prove: 'Read CapEff of the container process and compare its interfaces with those of the node.',
});
