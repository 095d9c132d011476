import { record } from '../../../model/json.ts';
import { hasPort, singlePort } from '../ports/ports.ts';
import type { PolicyRule } from '../policies/policy.ts';
import { servicePorts } from '../inhabitants/services.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';
import { servicesIn } from './services-in.ts';

/** Policies see the pod's port, after the Service's was rewritten: a rule for the Service's port blocks it. */
export const servicePort: Lint = {
  id: 'service-port',
  title: 'A rule names the port of the Service instead of the pods',
  severity: 'high',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      const pods = podsOf(input, policy.subject);
      for (const { service, behind } of servicesIn(input, policy.ref.namespace)) {
        const hit = pods.filter((pod) => behind.includes(pod));
        if (hit.length === 0) continue;
        const { name, namespace } = service.metadata;
        for (const { port, targetPort, protocol } of servicePorts(service)) {
          if (typeof targetPort !== 'number' || targetPort === port) continue;
          for (const rule of policy.rules.ingress) {
            const index = entryOf(rule, protocol, port);
            if (index === undefined || entryOf(rule, protocol, targetPort) !== undefined) continue;
            const path = [...rule.path, 'ports', index];
            yield {
              policy,
              path,
              pods: hit,
              message: `port ${port} is the port of Service ${namespace}/${name}; ${some(hit)} listens on ${targetPort}`,
              fix: {
                says: `Allow ${targetPort} instead of ${port}.`,
                changes: [replace(policy.ref, path, { ...record(written(policy, path)), port: targetPort })],
              },
            };
          }
        }
      }
    }
  },
};

/** Which entry of a rule's ports names exactly this port, or covers it. */
function entryOf({ ports }: PolicyRule, protocol: 'TCP' | 'UDP' | 'SCTP', port: number): number | undefined {
  if (ports === 'all') return undefined;
  const one = JSON.stringify(singlePort(protocol, port));
  const exact = ports.findIndex((entry) => entry.kind === 'numbers' && JSON.stringify(entry.ports) === one);
  const index =
    exact >= 0 ? exact : ports.findIndex((entry) => entry.kind === 'numbers' && hasPort(entry.ports, protocol, port));
  return index < 0 ? undefined : index;
}
