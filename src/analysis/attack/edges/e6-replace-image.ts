import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, shellOf } from '../hops.ts';
import { covers } from '../streams.ts';

export const replaceImage = defineEdge({
  id: 'E6',
  title: 'replace the image of a running pod',
  technique: ['T1610'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of ['patch', 'update'].flatMap((verb) => world.may(from, verb, 'pods'))) {
      for (const unit of world.unitsIn(permission.namespace)) {
        if (!covers(permission, world.podNames(unit))) continue;
        yield { to: shellOf(unit), needs: [...permission.needs, unit.ref], because: permission.because };
      }
    }
  },
  fix: 'Remove patch and update on pods.',
  prove: 'Ask for an access review; server-side dry run of the image change.',
});
