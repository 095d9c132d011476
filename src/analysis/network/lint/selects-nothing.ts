import { namespacePolicies, podsOf, type Lint } from './define-lint.ts';

/** A policy without pods protects nothing: a typo, a renamed label, or a namespace that isn't the pods'. */
export const selectsNothing: Lint = {
  id: 'selects-nothing',
  title: 'The policy selects no pod',
  severity: 'medium',
  *run(input) {
    if (input.snapshot.gaps(['Pod', 'Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps']).length > 0) return;
    for (const policy of namespacePolicies(input)) {
      if (podsOf(input, policy.subject).length > 0) continue;
      const { namespace = 'default' } = policy.ref;
      const inhabited = input.analysis.workloads.some((workload) => workload.namespace === namespace);
      yield {
        policy,
        path: policy.subject.path,
        message: inhabited ? `no pod in ${namespace} has these labels` : `there is no pod in namespace ${namespace}`,
        fix: inhabited
          ? 'Compare the selector with the labels of the pods, or delete the policy.'
          : 'Move the policy to the namespace of the pods it is meant for.',
      };
    }
  },
};
