import { list } from '../../../model/json.ts';
import { isFromFiles } from '../../../model/snapshot.ts';
import { DIRECTIONS, type PeerTerm } from '../policies/policy.ts';
import { remove, removeRule } from './change.ts';
import {
  namespacePolicies,
  peersPath,
  podsOf,
  podsUnknown,
  written,
  type Lint,
  type LintInput,
} from './define-lint.ts';

/** A peer that names no pod allows nothing, so what its author meant to allow is blocked. */
export const peerMatchesNothing: Lint = {
  id: 'peer-matches-nothing',
  title: 'A peer matches no pod',
  severity: 'low',
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          for (const { term, path } of rule.peers) {
            if (term.kind !== 'pods' || podsOf(input, term).length > 0 || isOfTheSystem(term, input)) continue;
            // The last peer of a rule can't go alone: an empty list would mean everyone.
            const alone = list(written(policy, peersPath(rule, direction))).length === 1;
            yield {
              policy,
              path,
              message: 'no pod read matches this peer, so it allows nothing now',
              fix: {
                says: `Compare its selectors with the labels of the pods and namespaces meant; take the ${alone ? 'rule' : 'entry'} out where they are gone.`,
                changes: [alone ? removeRule(policy, rule.path) : remove(policy.ref, path)],
              },
            };
          }
        }
      }
    }
  },
};

/** Manifests of applications rarely hold the cluster's own pods, such as its DNS. */
function isOfTheSystem(
  { namespaces }: PeerTerm & { readonly kind: 'pods' },
  { snapshot, analysis }: LintInput,
): boolean {
  if (!isFromFiles(snapshot) || namespaces.kind === 'name') return false;
  const names = namespaces.selector.flatMap((requirement) =>
    requirement.operator === 'In' && requirement.key === 'kubernetes.io/metadata.name' ? requirement.values : [],
  );
  return names.length > 0 && names.every((name) => /^(kube|openshift)-/.test(name) && !inhabited(name));

  function inhabited(name: string): boolean {
    return analysis.workloads.some(({ namespace }) => namespace === name);
  }
}
