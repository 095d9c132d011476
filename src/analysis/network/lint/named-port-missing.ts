import { containerPorts } from '../endpoints.ts';
import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** A port name that a selected pod doesn't have allows nothing there. */
export const namedPortMissing: Lint = {
  id: 'named-port-missing',
  title: 'A named port is missing on selected pods',
  severity: 'medium',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      const pods = podsOf(input, policy.subject);
      for (const rule of policy.rules.ingress) {
        for (const port of rule.ports === 'all' ? [] : rule.ports) {
          if (port.kind !== 'named') continue;
          const without = pods.filter(
            (pod) =>
              !containerPorts(pod.spec).some(
                ({ name, protocol }) => name === port.name && protocol === (port.protocol ?? protocol),
              ),
          );
          if (without.length === 0) continue;
          yield {
            policy,
            path: port.path,
            message: `${some(without.map(({ workload }) => workload.id))} declare no port named ${port.name} of this protocol, so the rule allows nothing there`,
            fix: 'Name the port in the containers, or use its number.',
          };
        }
      }
    }
  },
};
