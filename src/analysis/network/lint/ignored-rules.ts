import { list } from '../../../model/json.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { add } from './change.ts';
import { namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';

/** Explicit `policyTypes` win: rules of a direction they leave out have no effect. */
export const ignoredRules: Lint = {
  id: 'ignored-rules',
  title: 'Rules of a direction that policyTypes leaves out',
  severity: 'high',
  insteadOf: ['redundant-policy'],
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const direction of DIRECTIONS) {
        if (policy.isolates[direction] || list(written(policy, ['spec', direction])).length === 0) continue;
        const pods = podsOf(input, policy.subject);
        const type = direction === 'ingress' ? 'Ingress' : 'Egress';
        yield {
          policy,
          path: ['spec', direction],
          pods,
          message: `policyTypes has no ${type}: these rules are ignored, and ${direction} of ${some(pods) || 'the pods it selects'} is not isolated by this policy`,
          fix: {
            says: `Add ${type} to policyTypes.`,
            changes: [add(policy.ref, ['spec', 'policyTypes', '-'], type)],
          },
        };
      }
    }
  },
};
