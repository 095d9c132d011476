import { defineEdge } from '../define-edge.ts';
import { IN_POD } from '../hops.ts';
import { node } from '../nodes.ts';

export const policyTampering = defineEdge({
  id: 'H5',
  title: 'take away the NetworkPolicy in the way',
  technique: ['T1562'],
  cost: 2,
  from: IN_POD,
  *hops(from, world) {
    for (const source of world.unitsAt(from)) {
      for (const { unit, port } of world.targets()) {
        if (unit === source || world.engines.reaches(source, unit, port).holds === true) continue;
        const namespaces = [...new Set([unit.namespace, source.namespace])];
        for (const { principal, permission } of world.policyWriters(unit.namespace)) {
          const everywhere = namespaces.every((namespace) =>
            world.policyWriters(namespace).some((one) => one.principal === principal),
          );
          if (!everywhere) continue;
          yield {
            to: node('Reach', `${unit.name}:${port}`, unit.namespace),
            and: [principal],
            needs: [...permission.needs, source.ref, unit.ref],
            because: permission.because,
          };
        }
      }
    }
  },
  fix: 'Remove write on networkpolicies from edit; keep a cluster-wide admin policy that namespaces cannot remove.',
  prove: 'Ask for an access review of delete on networkpolicies.',
});
