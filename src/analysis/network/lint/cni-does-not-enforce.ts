import { guessProfile } from '../profiles/guess-profile.ts';
import { namespacePolicies, type Lint } from './define-lint.ts';

/** Policies are accepted by every API server, and enforced only where a network plugin does. */
export const cniDoesNotEnforce: Lint = {
  id: 'cni-does-not-enforce',
  title: 'The network plugin enforces no policies',
  severity: 'high',
  *run(input) {
    const { enforces, because } = guessProfile(input.snapshot);
    if (enforces !== 'no') return;
    const why = because.at(-1)?.says ?? 'nothing that enforces policies was read';
    for (const policy of namespacePolicies(input)) {
      yield {
        policy,
        path: ['metadata', 'name'],
        message: `${why}: this policy has no effect`,
        fix: {
          says: 'Prove it with `reach probe --canary`; add an agent that enforces (Calico with flannel is canal).',
        },
      };
    }
  },
};
