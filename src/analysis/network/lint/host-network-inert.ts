import { kindKey } from '../../../model/object.ts';
import { podTemplateOf } from '../../../model/pods.ts';
import type { Endpoint } from '../index.ts';
import { replace, type Change } from './change.ts';
import { namespacePolicies, podsOf, some, type Lint, type LintInput } from './define-lint.ts';

/** Most implementations don't apply policies to pods on the host's network. */
export const hostNetworkInert: Lint = {
  id: 'host-network-inert',
  title: 'The policy selects pods on the host network',
  severity: 'medium',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      const hosts = podsOf(input, policy.subject).filter(({ hostNetwork }) => hostNetwork);
      if (hosts.length === 0) continue;
      const changes = offTheHost(hosts, input);
      yield {
        policy,
        path: policy.subject.path,
        pods: hosts,
        message: `${some(hosts)} is on the host's network, where most implementations apply no policy`,
        fix: {
          says: 'Take hostNetwork away where the pod does not need it; protect it at the node where it does.',
          ...(changes.length > 0 ? { changes } : {}),
        },
      };
    }
  },
};

function offTheHost(pods: readonly Endpoint[], { snapshot }: LintInput): readonly Change[] {
  const workloads = new Set(pods.map(({ workload }) => workload));
  return [...workloads].flatMap(({ ref }) => {
    const resource = snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name);
    const template = resource && podTemplateOf(resource.object);
    return template ? [replace(ref, [...template.path, 'spec', 'hostNetwork'], false)] : [];
  });
}
