import { record } from '../../../model/json.ts';
import { DIRECTIONS, type PeerTerm } from '../policies/policy.ts';
import { remove, replace } from './change.ts';
import { homeOf, namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';

/** Two list entries are "or"; a namespaceSelector and a podSelector in one entry are "and". One dash makes the difference. */
export const andOrSlip: Lint = {
  id: 'and-or-slip',
  title: 'A namespaceSelector and a podSelector in two entries, where one entry would pick pods',
  severity: 'high',
  insteadOf: ['peer-matches-nothing'],
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
        for (const [i, first] of rule.peers.entries()) {
          const second = rule.peers[i + 1];
          if (!second || !isNamespaceOnly(first.term) || !isOwnPods(second.term, homeOf(policy))) continue;
          const both = podsOf(input, { namespaces: first.term.namespaces, pods: second.term.pods });
          const wide = podsOf(input, first.term);
          const own = podsOf(input, second.term);
          // Two entries are meant when the second names pods of the policy's own namespace.
          if (both.length === 0 || own.length > 0 || both.length === wide.length) continue;
          const joined = {
            ...record(written(policy, first.path)),
            podSelector: record(written(policy, second.path))['podSelector'],
          };
          yield {
            policy,
            path: second.path,
            pods: wide,
            message: `these are two peers: every pod of the namespaces selected (${some(wide)}), or pods of ${homeOf(policy)}; in one entry they would be ${some(both)}`,
            fix: {
              says: 'Take the dash away: write podSelector in the entry of namespaceSelector.',
              changes: [
                {
                  kind: 'patch',
                  object: policy.ref,
                  patch: [
                    ...patchOf(replace(policy.ref, first.path, joined)),
                    ...patchOf(remove(policy.ref, second.path)),
                  ],
                },
              ],
            },
          };
        }
      }
    }
  },
};

type Pods = PeerTerm & { readonly kind: 'pods' };

function isNamespaceOnly(term: PeerTerm): term is Pods {
  return term.kind === 'pods' && term.namespaces.kind === 'labels' && !term.podsGiven;
}

function isOwnPods(term: PeerTerm, own: string): term is Pods {
  return (
    term.kind === 'pods' && term.namespaces.kind === 'name' && term.namespaces.name === own && term.pods.length > 0
  );
}

function patchOf(change: ReturnType<typeof replace>) {
  return change.kind === 'patch' ? change.patch : [];
}
