import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const escalate = defineEdge({
  id: 'F2',
  title: 'widen a role one is bound to',
  technique: ['T1098.006'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const kind of ['clusterroles', 'roles'] as const) {
      const what = `${kind}.rbac.authorization.k8s.io`;
      for (const write of ['update', 'patch'].flatMap((verb) => world.may(from, verb, what))) {
        for (const right of world.may(from, 'escalate', what)) {
          for (const held of world.rulesOf(from)) {
            const { role, binding } = held;
            if (!role || !binding || (role.kind === 'ClusterRole') !== (kind === 'clusterroles')) continue;
            const writable = [write, right].every(
              (permission) =>
                (permission.names.length === 0 || permission.names.includes(role.name)) &&
                (permission.namespace === undefined || (kind === 'roles' && permission.namespace === role.namespace)),
            );
            if (!writable) continue;
            yield {
              to:
                held.namespace === undefined ? node('ClusterAdmin') : node('NamespaceAdmin', undefined, held.namespace),
              needs: [...write.needs, ...right.needs, binding, role],
              because: [...write.because, ...right.because],
            };
          }
        }
      }
    }
  },
  fix: 'Remove the escalate verb.',
  prove: 'Server-side dry run of the change to the role as that subject.',
});
