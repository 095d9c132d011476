import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';
import { hasCapability } from '../facts/pod-units.ts';

export const ptrace = defineEdge({
  id: 'B3',
  title: 'hostPID and SYS_PTRACE: inject into a process of the node',
  technique: ['T1611'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ unit, container }) => {
      if (unit.spec['hostPID'] !== true || container.privileged || !hasCapability(container, 'SYS_PTRACE'))
        return undefined;
      const says = `container ${container.entry.name} may trace the processes of its node`;
      const path = [...container.entry.path, 'securityContext', 'capabilities'];
      const blocked = container.nonRoot || container.confined;
      return blocked
        ? {
            path,
            says,
            open: container.nonRoot
              ? 'a non-root process holds added capabilities only as ambient ones'
              : 'AppArmor, where the node has it, denies ptrace across profiles',
          }
        : { path, says };
    });
  },
  fix: 'Remove hostPID or the SYS_PTRACE capability.',
  prove: 'Read CapEff and compare the process list of the pod with that of its node.',
});
