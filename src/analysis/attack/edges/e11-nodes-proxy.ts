import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all, floatingOn } from '../hops/groups.ts';
import { byTheRight, shellOn } from '../hops/hops.ts';

export const nodesProxy = defineEdge({
  id: 'E11',
  title: 'nodes/proxy: run commands in pods through the kubelet',
  technique: ['T1609'],
  matrix: ['TA9030'],
  cost: 1,
  // get suffices: a WebSocket upgrade is a GET, and the stricter check of 1.35 does not cover nodes/proxy.
  from: actions(['get', 'create'], ['nodes/proxy']),
  *hops(right, world) {
    if (right.object === undefined) {
      yield { to: all('Shell'), because: byTheRight };
      return;
    }
    for (const unit of world.pods.on(right.object))
      yield { to: shellOn(unit, right.object, world), needs: [unit.ref], because: byTheRight };
    for (const to of floatingOn(right.object, 'FloatingShell', world)) yield { to, because: byTheRight };
  },
  fix: 'Remove nodes/proxy; use nodes/metrics or nodes/stats for monitoring.',
  prove: 'Ask for an access review of get on nodes/proxy.',
});
