import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';
import { hasCapability } from '../facts/pod-units.ts';

export const dacReadSearch = defineEdge({
  id: 'B6',
  title: 'DAC_READ_SEARCH: open files of the node by handle',
  technique: ['T1611'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'HostRead', ({ container }) =>
      !container.privileged && !container.nonRoot && hasCapability(container, 'DAC_READ_SEARCH')
        ? {
            path: [...container.entry.path, 'securityContext', 'capabilities'],
            says: `container ${container.entry.name} may open any file by its handle`,
          }
        : undefined,
    );
  },
  fix: 'Drop DAC_READ_SEARCH.',
  prove: 'Read CapEff of the container process.',
});
