import { defineEdge, type Hop } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import type { World } from '../world.ts';

export const bind = defineEdge({
  id: 'F1',
  title: 'bind a stronger role to oneself',
  technique: ['T1098.006'],
  matrix: ['TA9019'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world): Generator<Hop> {
    for (const kind of ['clusterrolebindings', 'rolebindings'] as const) {
      const writes = ['create', 'update', 'patch'].flatMap((verb) =>
        world.may(from, verb, `${kind}.rbac.authorization.k8s.io`),
      );
      for (const write of writes) {
        if (kind === 'clusterrolebindings' && write.namespace !== undefined) continue;
        for (const right of world.may(from, 'bind', 'clusterroles.rbac.authorization.k8s.io')) {
          // `bind` is asked in the namespace of the binding.
          const namespaces =
            kind === 'clusterrolebindings'
              ? right.namespace === undefined
                ? [undefined]
                : []
              : scope(write.namespace, right.namespace, world);
          if (right.names.length > 0 && !right.names.some((name) => isPowerful(name, world))) continue;
          for (const namespace of namespaces) {
            yield {
              to: namespace === undefined ? node('ClusterAdmin') : node('NamespaceAdmin', undefined, namespace),
              needs: [...write.needs, ...right.needs],
              because: [...write.because, ...right.because],
            };
          }
        }
      }
    }
  },
  fix: 'Limit the bind verb to harmless roles by resourceNames, or remove it.',
  prove: 'Server-side dry run of the binding as that subject.',
});

function scope(a: string | undefined, b: string | undefined, world: World): readonly string[] {
  if (a !== undefined && b !== undefined) return a === b ? [a] : [];
  const one = a ?? b;
  return one === undefined ? world.namespaces() : [one];
}

/** Roles whose binding in a namespace makes its holder able to become anything in it. */
function isPowerful(name: string, world: World): boolean {
  if (['cluster-admin', 'admin', 'edit'].includes(name)) return true;
  const role = world.snapshot.get('ClusterRole.rbac.authorization.k8s.io', undefined, name)?.object;
  return JSON.stringify(role?.['rules'] ?? []).includes('"*"');
}
