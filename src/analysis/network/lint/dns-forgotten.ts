import type { Endpoint } from '../index.ts';
import { hasPort } from '../ports/ports.ts';
import type { Policy, PolicyRule } from '../policies/policy.ts';
import { add } from './change.ts';
import { namespacePolicies, podsOf, some, type Lint, type LintInput } from './define-lint.ts';
import { clusterDns, type ClusterDns } from './dns-pods.ts';

/** Pods whose egress is isolated need UDP and TCP 53 to the cluster's DNS, or no name resolves. */
export const dnsForgotten: Lint = {
  id: 'dns-forgotten',
  title: 'Egress is isolated and DNS is not allowed',
  severity: 'medium',
  *run(input) {
    const dns = clusterDns(input);
    const policies = namespacePolicies(input).filter(({ isolates }) => isolates.egress);
    const may = (protocol: 'UDP' | 'TCP'): ReadonlySet<Endpoint> =>
      new Set(
        policies.flatMap((policy) =>
          policy.rules.egress.some((rule) => allows(input, rule, dns, protocol)) ? podsOf(input, policy.subject) : [],
        ),
      );
    const [udp, tcp] = [may('UDP'), may('TCP')];
    for (const policy of policies) {
      // A policy that allows nothing at all denies on purpose; the DNS itself asks other servers.
      if (policy.rules.egress.length === 0) continue;
      const pods = podsOf(input, policy.subject).filter((pod) => !dns.pods.includes(pod));
      const deaf = pods.filter((pod) => !udp.has(pod));
      const short = pods.filter((pod) => udp.has(pod) && !tcp.has(pod));
      if (deaf.length > 0) {
        yield finding(
          policy,
          deaf,
          dns,
          `${some(deaf)} may send to some peers but cannot resolve names: no egress rule allows UDP ${dns.port} to the DNS in ${dns.namespace}`,
        );
      } else if (short.length > 0) {
        yield finding(
          policy,
          short,
          dns,
          `${some(short)} may ask the DNS by UDP only: answers that are too long for a datagram need TCP ${dns.port}, too`,
        );
      }
    }
  },
};

function finding(policy: Policy, pods: readonly Endpoint[], dns: ClusterDns, message: string) {
  const [key, value] = dns.label;
  const rule = {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': dns.namespace } },
        podSelector: { matchLabels: { [key]: value } },
      },
    ],
    ports: [
      { protocol: 'UDP', port: dns.port },
      { protocol: 'TCP', port: dns.port },
    ],
  };
  return {
    policy,
    path: ['spec', 'egress'],
    pods,
    message,
    fix: {
      says: `Add an egress rule to the DNS pods in ${dns.namespace}, UDP and TCP ${dns.port} (and 169.254.20.10 where node-local DNS is used).`,
      changes: [add(policy.ref, ['spec', 'egress', '-'], rule)],
    },
  };
}

/** Whether a rule lets DNS through: the port, and a peer that is the DNS as far as its pods are known. */
function allows(input: LintInput, { ports, peers }: PolicyRule, dns: ClusterDns, protocol: 'UDP' | 'TCP'): boolean {
  const port = ports === 'all' || ports.some((one) => one.kind === 'named' || hasPort(one.ports, protocol, dns.port));
  if (!port) return false;
  if (dns.pods.length === 0) return true;
  return peers.some(({ term }) => {
    if (term.kind === 'everyone') return true;
    if (term.kind === 'pods') return podsOf(input, term).some((pod) => dns.pods.includes(pod));
    // By address: the pods', or node-local DNS.
    return term.kind === 'block';
  });
}
