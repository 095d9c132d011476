import { defineEdge } from '../define-edge.ts';
import { tokenOf } from '../hops.ts';

export const namespaceAdmin = defineEdge({
  id: 'F3',
  title: 'who rules a namespace is every service account in it',
  technique: ['T1528'],
  cost: 1,
  from: ['NamespaceAdmin'],
  *hops(from, world) {
    for (const account of world.accountsIn(from.namespace)) {
      yield {
        to: tokenOf(account),
        needs: [],
        because: [
          {
            kind: 'rule',
            source: 'RBAC',
            says: `an administrator of ${from.namespace} may ask for tokens of its service accounts`,
          },
        ],
      };
    }
  },
  fix: 'Keep powerful service accounts in namespaces nobody else administers.',
  prove: 'Ask for an access review of create on serviceaccounts/token.',
});
