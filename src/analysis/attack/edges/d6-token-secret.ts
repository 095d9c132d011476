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
  *hops(right) {
    if (right.object !== undefined) return;
    const because = rule('kube-controller-manager', 'a Secret of type service-account-token is filled with a token');
    const { namespace } = right;
    if (right.name === 'create secrets') {
      for (const read of READS)
        for (const other of rightsOn(read, namespace)) yield { to: all('Token', namespace), and: [other], because };
    } else if (namespace !== undefined) {
      yield { to: all('Token', namespace), and: [may('create secrets')], because };
    }
  },
  fix: 'Remove create on secrets from whoever may read them.',
  prove: 'Ask for access reviews of create and get on secrets; dry-run the creation.',
});
