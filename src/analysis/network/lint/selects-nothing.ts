import { home, homeOf, namespacePolicies, podsOf, podsUnknown, type Lint } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** A policy without pods protects nothing: a typo, a renamed label, or something that is gone. */
export const selectsNothing: Lint = {
  id: 'selects-nothing',
  title: 'The policy selects no pod',
  severity: 'medium',
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      if (podsOf(input, policy.subject).length > 0) continue;
      const inhabited = podIndex(input.analysis).select(home(policy), []).length > 0;
      yield {
        policy,
        path: policy.subject.path,
        message: inhabited
          ? `no pod in ${homeOf(policy)} has these labels`
          : `there is no pod in namespace ${homeOf(policy)}`,
        fix: {
          says: 'Compare the selector with the labels of the pods meant; delete the policy where they are gone for good.',
          changes: [{ kind: 'delete', object: policy.ref }],
        },
      };
    }
  },
};
