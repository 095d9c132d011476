import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { opensStream, portsUnder, unitsUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';
import { hopInto } from './a3-open-service.ts';

export const portForward = defineEdge({
  id: 'E3',
  title: 'port-forward past every NetworkPolicy',
  technique: ['T1090'],
  cost: 1,
  from: actions(['create', 'get'], ['pods/portforward']),
  *hops(right, world) {
    if (!opensStream(right, world)) return;
    for (const { to, needs } of portsUnder(right, world)) yield { to, needs, because: byTheRight };
    // The kubelet connects from inside the pod, to its loopback.
    const hidden = world.targets.services.filter(({ onLoopback }) => onLoopback);
    if (hidden.length === 0) return;
    const within = new Set(unitsUnder(right, world));
    for (const service of hidden) if (within.has(service.unit)) yield* hopInto(service, world);
  },
  fix: 'Remove pods/portforward from the role.',
  prove: 'Ask for an access review of create on pods/portforward.',
});
