import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS, tokenOf } from '../hops.ts';

export const tokenSecret = defineEdge({
  id: 'D6',
  title: 'create a token Secret and read it back',
  technique: ['T1528'],
  cost: 2,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const create of world.may(from, 'create', 'secrets')) {
      for (const verb of ['get', 'list', 'watch']) {
        for (const read of world.may(from, verb, 'secrets')) {
          if (read.names.length > 0) continue;
          const shared = create.namespace ?? read.namespace;
          if (create.namespace !== undefined && read.namespace !== undefined && create.namespace !== read.namespace)
            continue;
          for (const account of world.accountsIn(shared)) {
            yield {
              to: tokenOf(account),
              needs: [...create.needs, ...read.needs],
              because: [...create.because, ...read.because],
            };
          }
        }
      }
    }
  },
  fix: 'Remove create on secrets from whoever may read them.',
  prove: 'Ask for access reviews of create and get on secrets; dry-run the creation.',
});
