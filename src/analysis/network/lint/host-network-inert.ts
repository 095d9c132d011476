import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** Most implementations don't apply policies to pods on the host's network. */
export const hostNetworkInert: Lint = {
  id: 'host-network-inert',
  title: 'The policy selects pods on the host network',
  severity: 'medium',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      const hosts = podsOf(input, policy.subject).filter(({ hostNetwork }) => hostNetwork);
      if (hosts.length === 0) continue;
      yield {
        policy,
        path: policy.subject.path,
        message: `${some(hosts.map(({ workload }) => workload.id))} are on the host's network, where most implementations apply no policy`,
        fix: 'Protect them at the node, or take hostNetwork away.',
      };
    }
  },
};
