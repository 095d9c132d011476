import { defineEdge } from '../hops/define-edge.ts';
import { containersAt, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { hasCapability } from '../facts/pod-units.ts';

export const sharedProcesses = defineEdge({
  id: 'H7',
  title: 'shared process namespace: into the container beside',
  technique: ['T1080'],
  cost: 2,
  from: ['Code'],
  *hops(from, world) {
    for (const { unit, container } of containersAt(from, world)) {
      if (unit.spec['shareProcessNamespace'] !== true) continue;
      for (const beside of unit.containers) {
        if (beside === container || beside.state === 'ended') continue;
        const root = !container.nonRoot;
        const same = container.uid !== undefined && container.uid === beside.uid;
        const certain = same || (root && (hasCapability(container, 'SYS_PTRACE') || !beside.nonRoot));
        yield {
          to: node('Code', `${unit.name}/${beside.entry.name}`, unit.namespace),
          needs: [unit.ref],
          because: () => [
            inSpec(
              unit,
              ['shareProcessNamespace'],
              `containers of ${unit.namespace}/${unit.name} see each other's processes`,
            ),
          ],
          ...(certain ? {} : { open: 'only processes of the same user id can be entered' }),
        };
      }
    }
  },
  fix: 'Remove shareProcessNamespace, or run the containers as different users without SYS_PTRACE.',
  prove: 'Compare the process lists of the two containers.',
});
