import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

export const nsenter = defineEdge({
  id: 'B2',
  title: 'privileged and hostPID: enter the namespaces of process 1',
  technique: ['T1611'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ unit, container }) =>
      container.privileged && unit.spec['hostPID'] === true
        ? {
            path: ['hostPID'],
            says: `container ${container.entry.name} is privileged and sees the processes of its node`,
          }
        : undefined,
    );
  },
  fix: 'Remove hostPID and privileged.',
  prove: 'Look whether /proc/1/exe of the pod is the init of the node.',
});
