import type { KubernetesObject } from '../../../model/object.ts';
import type { Endpoint } from '../index.ts';
import { homeOf, namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';

/** Pods that may be reached by few and reach everybody: whoever gets in can carry everything out. */
export const halfIsolated: Lint = {
  id: 'half-isolated',
  title: 'Ingress is isolated, egress is open',
  severity: 'low',
  *run(input) {
    const policies = namespacePolicies(input);
    const closed = new Set<Endpoint>(
      policies.flatMap((policy) => (policy.isolates.egress ? podsOf(input, policy.subject) : [])),
    );
    const told = new Set<Endpoint>();
    for (const policy of policies) {
      if (!policy.isolates.ingress) continue;
      const open = podsOf(input, policy.subject).filter(
        (pod) => !closed.has(pod) && !pod.hostNetwork && !told.has(pod),
      );
      if (open.length === 0) continue;
      for (const pod of open) told.add(pod);
      const manifest: KubernetesObject = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: `${policy.ref.name}-egress`.slice(0, 253), namespace: homeOf(policy) },
        spec: {
          podSelector: written(policy, ['spec', 'podSelector']) ?? {},
          policyTypes: ['Egress'],
          egress: [{ to: [{ namespaceSelector: {} }] }],
        },
      };
      yield {
        policy,
        path: ['spec'],
        pods: open,
        message: `${some(open)} is protected from being reached, and may itself reach every address: no policy isolates its egress`,
        fix: {
          says: 'Isolate egress too. The policy here still allows every pod of the cluster, DNS included, and closes the rest; narrow it to what is needed (reach synthesize).',
          changes: [{ kind: 'create', manifest }],
        },
      };
    }
  },
};
