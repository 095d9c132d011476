import { actions, may } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';

/** Rights that end a pod, so that its controller makes it again. */
export const ENDS_PODS = ['delete pods', 'deletecollection pods', 'create pods/eviction'] as const;
const CLOSES_NODES = actions(['update', 'patch'], ['nodes/status']);
/** A taint NoExecute closes a node and ends its pods; pods of a node that is deleted end, too. */
const EMPTIES_NODES = actions(['update', 'patch', 'delete', 'deletecollection'], ['nodes']);

export const stealPods = defineEdge({
  id: 'C5',
  title: 'bring pods to a node that is held: end them elsewhere while no other node takes them',
  technique: ['T1078'],
  cost: 4,
  from: ['Root'],
  asks: [...ENDS_PODS, ...CLOSES_NODES, ...EMPTIES_NODES],
  *hops() {
    const because = rule('scheduler', 'a pod that a controller makes again goes to the node which is left');
    for (const empties of EMPTIES_NODES) yield { to: all('MovableShell'), and: [may(empties)], because };
    for (const ends of ENDS_PODS)
      for (const closes of CLOSES_NODES) yield { to: all('MovableShell'), and: [may(ends), may(closes)], because };
  },
  fix: 'Remove write on nodes, and delete and evict on pods of all namespaces.',
  prove: 'Ask for access reviews of them.',
});
