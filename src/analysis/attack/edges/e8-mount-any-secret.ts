import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';
import { onePerNamespace, podCreations } from '../new-pods.ts';

export const mountAnySecret = defineEdge({
  id: 'E8',
  title: 'create a pod that mounts any Secret of the namespace',
  technique: ['T1610', 'T1552'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const { namespace, permission } of onePerNamespace(podCreations(from, world))) {
      for (const secret of world.secretsIn(namespace)) {
        yield {
          to: node('Secret', secret.name, secret.namespace),
          needs: permission.needs,
          because: permission.because,
        };
      }
    }
  },
  fix: 'Remove create on pods from whoever must not read the Secrets of the namespace.',
  prove: 'Ask for an access review of create on pods; server-side dry run of a pod that mounts the Secret.',
});
