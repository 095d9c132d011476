import { actions, may, rightsOn, type Action } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';

const READS: readonly Action[] = actions(['get', 'list', 'watch'], ['secrets']);

export const tokenSecret = defineEdge({
  id: 'D6',
  title: 'create a token Secret and read it back',
  technique: ['T1528'],
  cost: 2,
  from: ['create secrets', ...READS],
  *hops(right, world) {
    const because = rule('kube-controller-manager', 'a Secret of type service-account-token is filled with a token');
    const { namespace, object } = right;
    if (object !== undefined) {
      // Whoever creates the Secret names it.
      for (const place of namespace === undefined ? world.accounts.namespaces() : [namespace]) {
        if (world.snapshot.get('Secret', place, object)) continue;
        for (const create of rightsOn('create secrets', place))
          yield { to: all('Token', place), and: [create], because };
      }
    } else if (right.name === 'create secrets') {
      for (const read of READS)
        for (const other of rightsOn(read, namespace)) yield { to: all('Token', namespace), and: [other], because };
    } else if (namespace !== undefined) {
      yield { to: all('Token', namespace), and: [may('create secrets')], because };
    }
  },
  fix: 'Remove create on secrets from whoever may read them.',
  prove: 'Ask for access reviews of create and get on secrets; dry-run the creation.',
});
