import { matches } from '../../../model/selectors.ts';
import { stringMap, record } from '../../../model/json.ts';
import { hasPort } from '../ports.ts';
import { servicePorts } from '../services.ts';
import { namespacePolicies, podsOf, type Lint } from './define-lint.ts';

/** Policies see the pod's port, after the Service's was rewritten: a rule for the Service's port blocks it. */
export const servicePort: Lint = {
  id: 'service-port',
  title: 'A rule names the port of the Service instead of the pods',
  severity: 'high',
  *run(input) {
    const services = input.snapshot.list('Service');
    for (const policy of namespacePolicies(input)) {
      const pods = podsOf(input, policy.subject);
      for (const { object } of services) {
        const selector = Object.entries(stringMap(record(object['spec'])['selector'])).map(
          ([key, value]) => ({ operator: 'In', key, values: [value] }) as const,
        );
        const behind = pods.some(
          (pod) =>
            pod.workload.namespace === object.metadata.namespace &&
            selector.length > 0 &&
            matches(selector, pod.labels),
        );
        if (!behind) continue;
        for (const { port, targetPort, protocol } of servicePorts(object)) {
          if (typeof targetPort !== 'number' || targetPort === port) continue;
          for (const rule of policy.rules.ingress) {
            if (rule.ports === 'all') continue;
            const allows = (number: number): boolean =>
              rule.ports !== 'all' &&
              rule.ports.some((p) => p.kind === 'numbers' && hasPort(p.ports, protocol, number));
            if (!allows(port) || allows(targetPort)) continue;
            yield {
              policy,
              path: [...rule.path, 'ports'],
              message: `port ${port} is the port of Service ${object.metadata.namespace}/${object.metadata.name}; its pods listen on ${targetPort}`,
              fix: `Allow ${targetPort} instead of ${port}.`,
            };
          }
        }
      }
    }
  },
};
