import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, shellOf } from '../hops.ts';
import { covers, streamPermissions } from '../streams.ts';

export const attach = defineEdge({
  id: 'E2',
  title: 'attach to a pod',
  technique: ['T1609'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of streamPermissions(from, world, 'pods/attach')) {
      for (const unit of world.unitsIn(permission.namespace)) {
        if (!covers(permission, world.podNames(unit))) continue;
        yield { to: shellOf(unit), needs: [...permission.needs, unit.ref], because: permission.because };
      }
    }
  },
  fix: 'Remove pods/attach from the role; get alone suffices before Kubernetes 1.35.',
  prove: 'Ask for an access review of create (and get) on pods/attach.',
});
