import type { KubernetesObject } from '../../../model/object.ts';
import { matches } from '../../../model/selectors.ts';
import { homeOf, namespacePolicies, podsOf, podsUnknown, some, type Lint } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** A NetworkPolicy holds in its own namespace only; one that is in `default` by oversight protects nobody. */
export const wrongNamespace: Lint = {
  id: 'wrong-namespace',
  title: 'The pods meant are in another namespace',
  severity: 'high',
  insteadOf: ['selects-nothing', 'label-typo'],
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      if (policy.subject.pods.length === 0 || podsOf(input, policy.subject).length > 0) continue;
      const elsewhere = podIndex(input.analysis).all.filter(({ labels }) => matches(policy.subject.pods, labels));
      const namespaces = [...new Set(elsewhere.map(({ workload }) => workload.namespace))];
      const [only] = namespaces;
      if (only === undefined || namespaces.length > 1) continue;
      const { object } = policy.resource;
      const { name, labels, annotations } = object.metadata;
      const moved: KubernetesObject = {
        ...object,
        metadata: {
          name,
          namespace: only,
          ...(labels ? { labels } : {}),
          ...(annotations ? { annotations } : {}),
        },
      };
      yield {
        policy,
        path: ['metadata', 'namespace'],
        pods: elsewhere,
        message: `it is in namespace ${homeOf(policy)}, where it selects no pod; ${some(elsewhere)} has the labels`,
        fix: {
          says: `Move it to namespace ${only}.`,
          changes: [
            { kind: 'create', manifest: moved },
            { kind: 'delete', object: policy.ref },
          ],
        },
      };
    }
  },
};
