import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { admitted } from '../hops/new-pods.ts';
import { hostsUnder, changeableUnder } from '../hops/rights.ts';

export const ephemeralContainer = defineEdge({
  id: 'E5',
  title: 'add a debug container to a running pod',
  technique: ['T1609'],
  cost: 1,
  from: actions(['patch', 'update'], ['pods/ephemeralcontainers']),
  *hops(right, world) {
    for (const { to, needs } of changeableUnder(right, world)) yield { to, needs, because: byTheRight };
    for (const { namespace, to, needs } of hostsUnder(right, world)) {
      yield* admitted('baseline', namespace, { to, needs, because: byTheRight }, world);
    }
  },
  fix: 'Remove patch and update on pods/ephemeralcontainers; enforce Pod Security on the namespace.',
  prove: 'Ask for an access review; server-side dry run of the debug container.',
});
