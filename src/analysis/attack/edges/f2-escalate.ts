import { actions } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { node } from '../nodes.ts';
import { pairsHeld, rolesHeld } from '../same-request.ts';

const RBAC = 'rbac.authorization.k8s.io';
const KINDS = ['ClusterRole', 'Role'] as const;
const WRITES = {
  ClusterRole: actions(['update', 'patch'], [`clusterroles.${RBAC}`]),
  Role: actions(['update', 'patch'], [`roles.${RBAC}`]),
};
const ESCALATE = { ClusterRole: `escalate clusterroles.${RBAC}`, Role: `escalate roles.${RBAC}` } as const;

export const escalate = defineEdge({
  id: 'F2',
  title: 'widen a role one is bound to',
  technique: ['T1098.006'],
  cost: 1,
  from: ['Identity', 'NodeIdentity'],
  asks: KINDS.flatMap((kind) => [...WRITES[kind], ESCALATE[kind]]),
  *hops(from, world) {
    for (const kind of KINDS) {
      for (const pair of WRITES[kind].flatMap((write) => [...pairsHeld(from, world, write, ESCALATE[kind])])) {
        for (const { role, namespace, needs } of rolesHeld(from, world)) {
          if (role.ref.kind !== kind) continue;
          const named = pair.both.every(({ object }) => object === undefined || object === role.ref.name);
          const inScope = pair.namespace === undefined || (kind === 'Role' && pair.namespace === role.ref.namespace);
          if (!named || !inScope) continue;
          yield {
            to: namespace === undefined ? node('ClusterAdmin') : node('NamespaceAdmin', undefined, namespace),
            needs: [...pair.needs, ...needs, role.ref],
            because: pair.because,
          };
        }
      }
    }
  },
  fix: 'Remove the escalate verb.',
  prove: 'Server-side dry run of the change to the role as that subject.',
});
