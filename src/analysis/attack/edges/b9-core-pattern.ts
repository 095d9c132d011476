import { defineEdge } from '../hops/define-edge.ts';
import { covers, escapes, hostMounts } from '../hops/escapes.ts';
import { IN_POD } from '../hops/hops.ts';

export const corePattern = defineEdge({
  id: 'B9',
  title: 'host /proc mounted: set core_pattern',
  technique: ['T1611'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    yield* escapes(from, world, 'Root', (place) => {
      if (place.container.nonRoot) return undefined;
      const found = hostMounts(place, world).find(
        ({ mount, hostPath }) =>
          !mount.readOnly && (covers(hostPath, '/proc/sys/kernel') || hostPath.startsWith('/proc/sys/kernel/')),
      );
      return (
        found && {
          path: found.path,
          needs: found.needs,
          says: `container ${place.container.entry.name} may write kernel settings of its node through ${found.hostPath}`,
        }
      );
    });
  },
  fix: 'Do not mount /proc of the host, or mount it read-only.',
  prove: 'Look at /proc/self/mountinfo of the container; write nothing.',
});
