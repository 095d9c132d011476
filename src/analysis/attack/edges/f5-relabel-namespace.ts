import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { node } from '../nodes.ts';
import { byTheRight } from '../hops/hops.ts';

export const relabelNamespace = defineEdge({
  id: 'F5',
  title: 'relabel a namespace: Pod Security off, other policies match',
  technique: ['T1562'],
  cost: 1,
  from: actions(['update', 'patch'], ['namespaces']),
  *hops(right) {
    const namespace = right.namespace ?? right.object;
    const to = namespace === undefined ? all('AdmissionControl') : node('AdmissionControl', undefined, namespace);
    yield { to, because: byTheRight };
  },
  fix: 'Remove update and patch on namespaces, or guard the labels with a ValidatingAdmissionPolicy.',
  prove: 'Server-side dry run of the label as that subject.',
});
