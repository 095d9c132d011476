import { defineEdge } from '../define-edge.ts';
import { tokenOf } from '../hops.ts';

export const mintToken = defineEdge({
  id: 'D5',
  title: 'ask for a token of another service account',
  technique: ['T1528'],
  cost: 1,
  from: ['Identity', 'ClusterAdmin', 'NodeIdentity'],
  *hops(from, world) {
    for (const permission of world.may(from, 'create', 'serviceaccounts/token')) {
      for (const account of world.accountsIn(permission.namespace)) {
        if (permission.names.length > 0 && !permission.names.includes(account.name)) continue;
        yield { to: tokenOf(account), needs: permission.needs, because: permission.because };
      }
    }
  },
  fix: 'Remove create on serviceaccounts/token, or limit it by resourceNames.',
  prove: 'Ask for an access review of create on serviceaccounts/token.',
});
