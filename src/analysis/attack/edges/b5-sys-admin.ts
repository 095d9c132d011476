import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';
import { hasCapability } from '../facts/pod-units.ts';

export const sysAdmin = defineEdge({
  id: 'B5',
  title: 'SYS_ADMIN: mount a cgroup with a release agent',
  technique: ['T1611'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ container }) => {
      if (container.privileged || container.nonRoot || !hasCapability(container, 'SYS_ADMIN')) return undefined;
      return {
        path: [...container.entry.path, 'securityContext', 'capabilities'],
        says: `container ${container.entry.name} may mount file systems`,
        ...(container.profiled
          ? { open: 'whether the profile that is asked for lets it mount is up to the node' }
          : {}),
      };
    });
  },
  fix: 'Drop SYS_ADMIN; most programs that ask for it need one of BPF, PERFMON, SYS_NICE or SYS_RESOURCE.',
  prove: 'Read CapEff and the AppArmor profile of the container process; mount nothing.',
});
