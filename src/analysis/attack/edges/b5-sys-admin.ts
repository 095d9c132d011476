import { at } from '../../../model/json.ts';
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
    yield* escapes(from, world, 'Root', ({ unit, container }) => {
      if (container.privileged || container.nonRoot || !hasCapability(container, 'SYS_ADMIN')) return undefined;
      const own =
        at(container.entry.container, 'securityContext', 'seccompProfile', 'type') ??
        at(unit.spec, 'securityContext', 'seccompProfile', 'type');
      return {
        path: [...container.entry.path, 'securityContext', 'capabilities'],
        says: `container ${container.entry.name} may mount file systems`,
        ...(own === 'Localhost' ? { open: 'a seccomp profile of the node decides whether mount is allowed' } : {}),
      };
    });
  },
  fix: 'Drop SYS_ADMIN; most programs that ask for it need one of BPF, PERFMON, SYS_NICE or SYS_RESOURCE.',
  prove: 'Read CapEff and the AppArmor profile of the container process; mount nothing.',
});
