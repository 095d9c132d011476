import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import { covers } from '../streams.ts';

export const proxy = defineEdge({
  id: 'E4',
  title: 'reach a pod through the proxy of the API server',
  technique: ['T1090'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of ['get', 'create'].flatMap((verb) => world.may(from, verb, 'pods/proxy'))) {
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
  fix: 'Remove pods/proxy and services/proxy from the role.',
  prove: 'Ask for an access review of get on pods/proxy.',
});
