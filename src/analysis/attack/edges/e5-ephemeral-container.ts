import { defineEdge } from '../define-edge.ts';
import { given, hostsOf, PRINCIPALS, shellOf } from '../hops.ts';
import { node } from '../nodes.ts';
import { covers } from '../streams.ts';

export const ephemeralContainer = defineEdge({
  id: 'E5',
  title: 'add a debug container to a running pod',
  technique: ['T1609'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of ['patch', 'update'].flatMap((verb) => world.may(from, verb, 'pods/ephemeralcontainers'))) {
      for (const unit of world.unitsIn(permission.namespace)) {
        if (!covers(permission, world.podNames(unit))) continue;
        const needs = [...permission.needs, unit.ref];
        yield { to: shellOf(unit), needs, because: permission.because };
        for (const to of hostsOf('Root', unit)) {
          const admitted = world.admitsBeyond('baseline', unit.namespace);
          yield* given(admitted, { to, needs, because: permission.because });
          if (admitted.holds !== true) {
            yield {
              to,
              and: [node('AdmissionControl', undefined, unit.namespace)],
              needs,
              because: permission.because,
            };
          }
        }
      }
    }
  },
  fix: 'Remove patch and update on pods/ephemeralcontainers; enforce Pod Security on the namespace.',
  prove: 'Ask for an access review; server-side dry run of the debug container.',
});
