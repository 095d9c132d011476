import { at } from '../../../model/json.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

export const windowsHostProcess = defineEdge({
  id: 'B18',
  title: 'Windows host process container',
  technique: ['T1611'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ unit, container }) => {
      const own = at(container.entry.container, 'securityContext', 'windowsOptions', 'hostProcess');
      return (own ?? at(unit.spec, 'securityContext', 'windowsOptions', 'hostProcess')) === true
        ? {
            path: ['securityContext', 'windowsOptions', 'hostProcess'],
            says: `container ${container.entry.name} runs as a process of its Windows node`,
          }
        : undefined;
    });
  },
  fix: 'Remove hostProcess.',
  prove: 'Read the field of the running pod.',
});
