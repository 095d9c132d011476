import { defineEdge } from '../hops/define-edge.ts';
import { containersAt, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { secretsSeenBy } from '../facts/pod-units.ts';

export const seenSecrets = defineEdge({
  id: 'D2',
  title: 'Secrets mounted or in the environment',
  technique: ['T1552.007'],
  matrix: ['TA9027'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const { unit, container } of containersAt(from, world)) {
      for (const name of secretsSeenBy(unit, container)) {
        yield {
          to: node('Secret', name, unit.namespace),
          needs: [unit.ref],
          because: () => [
            inSpec(
              unit,
              container.entry.path,
              `container ${container.entry.name} sees Secret ${unit.namespace}/${name}`,
            ),
          ],
        };
      }
    }
  },
  fix: 'Give the Secret only to the container that needs it.',
  prove: 'Look whether the mount or the variable is there; its value is not read.',
});
