import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';
import { hasCapability } from '../facts/pod-units.ts';

export const sysModule = defineEdge({
  id: 'B4',
  title: 'SYS_MODULE: load a kernel module',
  technique: ['T1611'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ container }) =>
      !container.privileged && !container.nonRoot && hasCapability(container, 'SYS_MODULE')
        ? {
            path: [...container.entry.path, 'securityContext', 'capabilities'],
            says: `container ${container.entry.name} may load kernel modules`,
          }
        : undefined,
    );
  },
  fix: 'Drop ALL capabilities and load modules on the node before pods start.',
  prove: 'Read CapEff of the container process; load nothing.',
});
