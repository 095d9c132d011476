import { record } from '../../../model/json.ts';
import { containerPorts } from '../inhabitants/endpoints.ts';
import type { Endpoint } from '../index.ts';
import type { PortTerm } from '../policies/policy.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsOf, some, written, type Lint } from './define-lint.ts';

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
          const without = pods.filter((pod) => numbersOf(pod, port).length === 0);
          if (without.length === 0) continue;
          const numbers = new Set(pods.flatMap((pod) => numbersOf(pod, port)));
          const only = new Set(without.flatMap((pod) => containerPorts(pod.spec).map((declared) => declared.port)));
          const [number] = numbers.size === 1 ? numbers : only.size === 1 ? only : [];
          yield {
            policy,
            path: port.path,
            pods: without,
            message: `${some(without)} declares no port named ${port.name} of this protocol, so the rule allows nothing there`,
            fix: {
              says:
                number === undefined
                  ? 'Name the port in the containers, or use its number.'
                  : `Name the port in the containers, or write its number, ${number}.`,
              ...(number === undefined
                ? {}
                : {
                    changes: [replace(policy.ref, port.path, { ...record(written(policy, port.path)), port: number })],
                  }),
            },
          };
        }
      }
    }
  },
};

function numbersOf(pod: Endpoint, { name, protocol }: PortTerm & { readonly kind: 'named' }): readonly number[] {
  return containerPorts(pod.spec)
    .filter((declared) => declared.name === name && declared.protocol === (protocol ?? declared.protocol))
    .map(({ port }) => port);
}
