import { ALL_IPV4 } from '../ip.ts';
import { namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** A rule for all of IPv4 says nothing of IPv6: on dual stack half the traffic is treated otherwise. */
export const oneFamilyOnly: Lint = {
  id: 'one-family-only',
  title: '0.0.0.0/0 without ::/0 for pods of both families',
  severity: 'medium',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      const dual = podsOf(input, policy.subject).filter(
        ({ addresses }) => new Set(addresses.map((value) => typeof value)).size > 1,
      );
      if (dual.length === 0) continue;
      for (const rule of [...policy.rules.ingress, ...policy.rules.egress]) {
        const blocks = rule.peers.flatMap(({ term, path }) => (term.kind === 'block' ? [{ term, path }] : []));
        const all4 = blocks.find(({ term }) => term.range.from === ALL_IPV4.from && term.range.to === ALL_IPV4.to);
        if (!all4 || blocks.some(({ term }) => typeof term.range.from === 'bigint')) continue;
        yield {
          policy,
          path: all4.path,
          message: `${some(dual.map(({ workload }) => workload.id))} also have IPv6 addresses, which this does not cover`,
          fix: 'Add a peer with ipBlock cidr ::/0, or one for the networks meant.',
        };
      }
    }
  },
};
