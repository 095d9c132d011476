import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import { covers, streamPermissions } from '../streams.ts';

export const portForward = defineEdge({
  id: 'E3',
  title: 'port-forward past every NetworkPolicy',
  technique: ['T1090'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of streamPermissions(from, world, 'pods/portforward')) {
      for (const { unit, port } of world.targets()) {
        if (permission.namespace !== undefined && permission.namespace !== unit.namespace) continue;
        if (!covers(permission, world.podNames(unit))) continue;
        yield {
          to: node('Reach', `${unit.name}:${port}`, unit.namespace),
          needs: [...permission.needs, unit.ref],
          because: permission.because,
        };
      }
    }
  },
  fix: 'Remove pods/portforward from the role.',
  prove: 'Ask for an access review of create on pods/portforward.',
});
