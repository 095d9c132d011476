import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { byTheRight } from '../hops/hops.ts';

export const mountAnySecret = defineEdge({
  id: 'E8',
  title: 'create a pod that mounts any Secret of the namespace',
  technique: ['T1610', 'T1552'],
  cost: 1,
  from: ['create pods'],
  *hops(right) {
    yield { to: all('Secret', right.namespace), because: byTheRight };
  },
  fix: 'Remove create on pods from whoever must not read the Secrets of the namespace.',
  prove: 'Ask for an access review of create on pods; server-side dry run of a pod that mounts the Secret.',
});
