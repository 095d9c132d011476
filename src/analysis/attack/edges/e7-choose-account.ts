import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, tokenOf } from '../hops.ts';
import { onePerNamespace, podCreations } from '../new-pods.ts';

export const chooseAccount = defineEdge({
  id: 'E7',
  title: 'create a pod with a service account of choice',
  technique: ['T1610'],
  matrix: ['TA9008'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const { namespace, permission } of onePerNamespace(podCreations(from, world))) {
      for (const account of world.accountsIn(namespace)) {
        yield { to: tokenOf(account), needs: permission.needs, because: permission.because };
      }
    }
  },
  fix: 'Remove create on pods; keep powerful service accounts in namespaces where nobody else creates pods.',
  prove: 'Ask for an access review of create on pods; server-side dry run of a harmless pod with that account.',
});
