import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, shellOf } from '../hops.ts';

export const nodesProxy = defineEdge({
  id: 'E11',
  title: 'nodes/proxy: run commands in pods through the kubelet',
  technique: ['T1609'],
  matrix: ['TA9030'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    // get suffices: a WebSocket upgrade is a GET, and the stricter check of 1.35 does not cover nodes/proxy.
    for (const permission of ['get', 'create'].flatMap((verb) => world.may(from, verb, 'nodes/proxy'))) {
      if (permission.namespace !== undefined) continue;
      for (const name of permission.names.length > 0 ? permission.names : world.nodeNames) {
        for (const unit of world.unitsOn(name)) {
          yield { to: shellOf(unit), needs: [...permission.needs, unit.ref], because: permission.because };
        }
      }
    }
  },
  fix: 'Remove nodes/proxy; use nodes/metrics or nodes/stats for monitoring.',
  prove: 'Ask for an access review of get on nodes/proxy.',
});
