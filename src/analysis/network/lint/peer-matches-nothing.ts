import { DIRECTIONS } from '../policy.ts';
import { namespacePolicies, podsOf, type Lint } from './define-lint.ts';

/** A peer that names no pod allows nothing, so what its author meant to allow is blocked. */
export const peerMatchesNothing: Lint = {
  id: 'peer-matches-nothing',
  title: 'A peer matches no pod',
  severity: 'low',
  *run(input) {
    if (input.snapshot.gaps(['Pod', 'Namespace', 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps']).length > 0)
      return;
    for (const policy of namespacePolicies(input)) {
      for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
        for (const { term, path } of rule.peers) {
          if (term.kind !== 'pods' || podsOf(input, term).length > 0) continue;
          yield {
            policy,
            path,
            message: 'no pod read matches this peer, so it allows nothing now',
            fix: 'Compare its selectors with the labels of the pods and namespaces meant, or remove the entry.',
          };
        }
      }
    }
  },
};
