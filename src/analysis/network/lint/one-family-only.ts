import { ALL_IPV4 } from '../addresses/ip.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { add } from './change.ts';
import { namespacePolicies, peersPath, podsOf, some, type Lint } from './define-lint.ts';

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
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          const blocks = rule.peers.flatMap(({ term, path }) => (term.kind === 'block' ? [{ term, path }] : []));
          const all4 = blocks.find(({ term }) => term.range.from === ALL_IPV4.from && term.range.to === ALL_IPV4.to);
          if (!all4 || blocks.some(({ term }) => typeof term.range.from === 'bigint')) continue;
          yield {
            policy,
            path: all4.path,
            pods: dual,
            message: `${some(dual)} also has an IPv6 address, which 0.0.0.0/0 does not cover`,
            fix: {
              says: 'Add a peer with ipBlock cidr ::/0, or one for the networks meant.',
              changes: [add(policy.ref, [...peersPath(rule, direction), '-'], { ipBlock: { cidr: '::/0' } })],
            },
          };
        }
      }
    }
  },
};
