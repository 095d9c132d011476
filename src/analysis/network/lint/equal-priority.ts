import type { Lint } from './define-lint.ts';

/** Which of two policies of one tier and priority comes first is undefined. */
export const equalPriority: Lint = {
  id: 'equal-priority',
  title: 'Two admin policies have the same priority',
  severity: 'medium',
  *run({ analysis }) {
    const ordered = analysis.policies.filter(
      (policy) =>
        (policy.tier === 'admin' || policy.tier === 'baseline') &&
        !policy.invalid &&
        policy.ref.kind !== 'BaselineAdminNetworkPolicy',
    );
    for (const [, group] of Map.groupBy(ordered, ({ tier, priority }) => `${tier} ${priority}`)) {
      const [first, ...others] = group;
      for (const policy of first ? others : []) {
        yield {
          policy,
          path: ['spec', 'priority'],
          message: `${first?.ref.kind} ${first?.ref.name} has priority ${policy.priority}, too: which comes first is left to the implementation`,
          fix: 'Give each its own priority.',
        };
      }
    }
  },
};
