import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';

export const namespaceAdmin = defineEdge({
  id: 'F3',
  title: 'who rules a namespace is every service account in it',
  technique: ['T1528'],
  cost: 1,
  from: ['NamespaceAdmin'],
  *hops(from) {
    yield {
      to: all('Token', from.namespace),
      because: rule('RBAC', `an administrator of ${from.namespace} may ask for tokens of its service accounts`),
    };
  },
  fix: 'Keep powerful service accounts in namespaces nobody else administers.',
  prove: 'Ask for an access review of create on serviceaccounts/token.',
});
