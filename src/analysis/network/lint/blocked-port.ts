import type { Endpoint } from '../index.ts';
import { hasPort, type Protocol } from '../ports/ports.ts';
import type { Policy, PolicyPeer } from '../policies/policy.ts';
import { portsAt } from './coverage.ts';
import { namespacePolicies, podsOf, type LintInput } from './define-lint.ts';

/** The policies that isolate a pod's ingress. */
export function isolating(input: LintInput, pod: Endpoint): readonly Policy[] {
  return namespacePolicies(input).filter(
    (policy) => policy.isolates.ingress && podsOf(input, policy.subject).includes(pod),
  );
}

/** Whether some rule opens a port of a pod to a peer that is as wanted. */
export function opensTo(
  policies: readonly Policy[],
  pod: Endpoint,
  protocol: Protocol,
  port: number,
  wanted: (peer: PolicyPeer) => boolean,
): boolean {
  return policies.some((policy) =>
    policy.rules.ingress.some((rule) => hasPort(portsAt(rule, pod), protocol, port) && rule.peers.some(wanted)),
  );
}
