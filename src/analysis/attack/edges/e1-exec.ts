import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, shellOf } from '../hops.ts';
import { covers, streamPermissions } from '../streams.ts';

export const exec = defineEdge({
  id: 'E1',
  title: 'exec into a pod',
  technique: ['T1609'],
  matrix: ['TA9006'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of streamPermissions(from, world, 'pods/exec')) {
      for (const unit of world.unitsIn(permission.namespace)) {
        if (!covers(permission, world.podNames(unit))) continue;
        yield { to: shellOf(unit), needs: [...permission.needs, unit.ref], because: permission.because };
      }
    }
  },
  fix: 'Remove pods/exec from the role; get alone suffices before Kubernetes 1.35.',
  prove: 'Ask for an access review of create (and get) on pods/exec.',
});
