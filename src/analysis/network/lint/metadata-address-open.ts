import { parseIp } from '../ip.ts';
import { namespacePolicies, type Lint } from './define-lint.ts';

const METADATA = parseIp('169.254.169.254') ?? 0;

/** The cloud's metadata service hands out the node's credentials to whoever can reach it. */
export const metadataAddressOpen: Lint = {
  id: 'metadata-address-open',
  title: 'Egress reaches the metadata address',
  severity: 'high',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const { term, path } of policy.rules.egress.flatMap((rule) => rule.peers)) {
        if (term.kind !== 'block' || typeof term.range.from !== 'number') continue;
        const covers = [term.range, ...term.except].map(({ from, to }) => from <= METADATA && METADATA <= to);
        if (covers[0] !== true || covers.slice(1).includes(true)) continue;
        yield {
          policy,
          path,
          message: 'the block includes 169.254.169.254, the metadata service of most clouds',
          fix: 'Add 169.254.169.254/32 to except.',
        };
      }
    }
  },
};
