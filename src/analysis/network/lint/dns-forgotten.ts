import { hasPort } from '../ports.ts';
import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** Pods whose egress is isolated and may reach nobody on port 53 (5353 on OpenShift) can't resolve names. */
export const dnsForgotten: Lint = {
  id: 'dns-forgotten',
  title: 'Egress is isolated and no rule allows DNS',
  severity: 'medium',
  *run(input) {
    const policies = namespacePolicies(input).filter(({ isolates }) => isolates.egress);
    const allowsDns = policies.filter((policy) =>
      policy.rules.egress.some(
        (rule) =>
          rule.ports === 'all' ||
          rule.ports.some(
            (port) => port.kind === 'named' || hasPort(port.ports, 'UDP', 53) || hasPort(port.ports, 'UDP', 5353),
          ),
      ),
    );
    const resolving = new Set(allowsDns.flatMap((policy) => podsOf(input, policy.subject)));
    for (const policy of policies) {
      // A policy that allows nothing at all denies on purpose.
      if (policy.rules.egress.length === 0) continue;
      const cut = podsOf(input, policy.subject).filter((pod) => !resolving.has(pod));
      if (cut.length === 0) continue;
      yield {
        policy,
        path: ['spec', 'egress'],
        message: `${some(cut.map(({ workload }) => workload.id))} may send to some peers but cannot resolve names: no egress rule allows UDP 53`,
        fix: 'Add an egress rule to the cluster DNS (namespace kube-system) for UDP and TCP 53.',
      };
    }
  },
};
