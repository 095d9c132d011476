import { defineEdge } from '../hops/define-edge.ts';
import { accountsUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';

export const mintToken = defineEdge({
  id: 'D5',
  title: 'ask for a token of another service account',
  technique: ['T1528'],
  cost: 1,
  from: ['create serviceaccounts/token'],
  *hops(right, world) {
    for (const to of accountsUnder('Token', right, world)) yield { to, because: byTheRight };
  },
  fix: 'Remove create on serviceaccounts/token, or limit it by resourceNames.',
  prove: 'Ask for an access review of create on serviceaccounts/token.',
});
