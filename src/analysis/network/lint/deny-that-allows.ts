import { replace } from './change.ts';
import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';
import { DIRECTIONS } from '../policies/policy.ts';

/** `ingress: [{}]` is not the empty list: a policy called "deny" that has one empty rule allows everything. */
export const denyThatAllows: Lint = {
  id: 'deny-that-allows',
  title: 'A policy named after denying allows everything',
  severity: 'high',
  insteadOf: ['open-to-everyone', 'empty-peer-list', 'vacuous-policy'],
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      if (!/deny|block|isolat|lock/i.test(policy.ref.name)) continue;
      for (const direction of DIRECTIONS) {
        const open = policy.rules[direction].find(
          (rule) => rule.ports === 'all' && rule.peers.some(({ term }) => term.kind === 'everyone'),
        );
        if (!open) continue;
        const pods = podsOf(input, policy.subject);
        yield {
          policy,
          path: open.path,
          pods,
          message: `${policy.ref.name} sounds like it denies, and its ${direction} rule allows ${some(pods) || 'the pods it selects'} everything`,
          fix: {
            says: `Write ${direction}: [] and keep the direction in policyTypes: no rule means nothing is allowed.`,
            changes: [replace(policy.ref, ['spec', direction], [])],
          },
        };
      }
    }
  },
};
