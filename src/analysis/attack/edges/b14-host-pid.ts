import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

export const hostPid = defineEdge({
  id: 'B14',
  title: 'hostPID: environment and root of processes of the same user',
  technique: ['T1552'],
  cost: 4,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'HostRead', ({ unit, container }) =>
      unit.spec['hostPID'] === true && !container.privileged
        ? {
            path: ['hostPID'],
            says: `container ${container.entry.name} sees the processes of its node`,
            open: 'only processes of the same user id that are not protected can be read',
          }
        : undefined,
    );
  },
  fix: 'Remove hostPID.',
  prove: 'Compare the process list of the pod with that of its node.',
});
