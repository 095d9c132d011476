import { list, record } from '../../../model/json.ts';
import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** An empty rule or an empty `from` means everyone, inside and outside the cluster, and is often meant as nobody. */
export const openToEveryone: Lint = {
  id: 'open-to-everyone',
  title: 'A rule without peers or ports allows everyone everything',
  severity: 'high',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const rule of policy.rules.ingress) {
        if (rule.ports !== 'all' || rule.peers.some(({ term }) => term.kind !== 'everyone')) continue;
        const raw = record(list(record(policy.resource.object['spec'])['ingress'])[rule.index]);
        const written = Object.hasOwn(raw, 'from') ? 'from: []' : '{}';
        yield {
          policy,
          path: rule.path,
          message: `${written} lets everyone, also from outside the cluster, reach every port of ${some(podsOf(input, policy.subject).map((pod) => pod.workload.id)) || 'the pods it selects'}`,
          fix: 'To deny all, leave ingress out and list Ingress in policyTypes; to mean every pod, write from: [{ namespaceSelector: {} }].',
        };
      }
    }
  },
};
