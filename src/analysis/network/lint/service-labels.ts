import { matches } from '../../../model/selectors.ts';
import { stringMap } from '../../../model/json.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsOf, podsUnknown, some, type Lint } from './define-lint.ts';
import { servicesIn } from './services-in.ts';

/** A policy selects pods: the labels of a Service in front of them mean nothing to it. */
export const serviceLabels: Lint = {
  id: 'service-labels',
  title: 'The policy selects the labels of a Service, not of its pods',
  severity: 'high',
  insteadOf: ['selects-nothing', 'label-typo'],
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      if (policy.subject.pods.length === 0 || podsOf(input, policy.subject).length > 0) continue;
      const found = servicesIn(input, policy.ref.namespace).find(
        ({ service, behind }) => behind.length > 0 && matches(policy.subject.pods, stringMap(service.metadata.labels)),
      );
      if (!found) continue;
      yield {
        policy,
        path: ['spec', 'podSelector'],
        pods: found.behind,
        message: `these are labels of Service ${found.service.metadata.name}; its pods, ${some(found.behind)}, have others`,
        fix: {
          says: 'Use the labels by which the Service selects its pods.',
          changes: [replace(policy.ref, ['spec', 'podSelector'], { matchLabels: found.selector })],
        },
      };
    }
  },
};
