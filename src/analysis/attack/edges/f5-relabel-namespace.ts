import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const relabelNamespace = defineEdge({
  id: 'F5',
  title: 'relabel a namespace: Pod Security off, other policies match',
  technique: ['T1562'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const permission of ['update', 'patch'].flatMap((verb) => world.may(from, verb, 'namespaces'))) {
      // A request on a Namespace object carries that namespace, so a RoleBinding in it can grant this.
      const all = permission.namespace === undefined ? world.namespaces() : [permission.namespace];
      for (const namespace of all) {
        if (permission.names.length > 0 && !permission.names.includes(namespace)) continue;
        yield {
          to: node('AdmissionControl', undefined, namespace),
          needs: permission.needs,
          because: permission.because,
        };
      }
    }
  },
  fix: 'Remove update and patch on namespaces, or guard the labels with a ValidatingAdmissionPolicy.',
  prove: 'Server-side dry run of the label as that subject.',
});
