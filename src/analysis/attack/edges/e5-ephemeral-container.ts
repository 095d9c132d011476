import { actions } from '../actions.ts';
import { defineEdge, type Hop } from '../define-edge.ts';
import { byTheRight, given } from '../hops.ts';
import { node } from '../nodes.ts';
import { hostsUnder, podsUnder } from '../rights.ts';

export const ephemeralContainer = defineEdge({
  id: 'E5',
  title: 'add a debug container to a running pod',
  technique: ['T1609'],
  cost: 1,
  from: actions(['patch', 'update'], ['pods/ephemeralcontainers']),
  *hops(right, world) {
    for (const { to, needs } of podsUnder(right, world)) yield { to, needs, because: byTheRight };
    for (const { namespace, to, needs } of hostsUnder(right, world)) {
      const admitted = world.admitsBeyond('baseline', namespace);
      const hop: Hop = { to, needs, because: byTheRight };
      yield* given(admitted, hop);
      if (admitted.holds !== true) yield { ...hop, and: [node('AdmissionControl', undefined, namespace)] };
    }
  },
  fix: 'Remove patch and update on pods/ephemeralcontainers; enforce Pod Security on the namespace.',
  prove: 'Ask for an access review; server-side dry run of the debug container.',
});
