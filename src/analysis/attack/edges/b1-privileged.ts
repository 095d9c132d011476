import { defineEdge } from '../hops/define-edge.ts';
import { escapes } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

export const privileged = defineEdge({
  id: 'B1',
  title: 'privileged container: mount the host or load a module',
  technique: ['T1611'],
  matrix: ['TA9018'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', ({ container }) =>
      container.privileged
        ? {
            path: [...container.entry.path, 'securityContext', 'privileged'],
            says: `container ${container.entry.name} is privileged`,
          }
        : undefined,
    );
  },
  fix: 'Remove privileged: true and add the single capability that is needed; enforce Pod Security baseline on the namespace.',
  prove: 'Read CapEff of the container process: all bits are set. Nothing is mounted.',
});
