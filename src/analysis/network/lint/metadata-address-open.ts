import { formatRange, parseIp } from '../addresses/ip.ts';
import { hasPort } from '../ports/ports.ts';
import type { PolicyRule } from '../policies/policy.ts';
import { replace } from './change.ts';
import { namespacePolicies, peersPath, podsOf, some, written, type Lint } from './define-lint.ts';
import { list, record } from '../../../model/json.ts';

const METADATA = '169.254.169.254';
const ADDRESS = parseIp(METADATA) ?? 0;

/** The cloud's metadata service hands out the node's credentials to whoever can reach it, on port 80. */
export const metadataAddressOpen: Lint = {
  id: 'metadata-address-open',
  title: 'Egress reaches the metadata address',
  severity: 'high',
  *run(input) {
    for (const policy of namespacePolicies(input)) {
      for (const rule of policy.rules.egress) {
        if (!allowsHttp(rule)) continue;
        const pods = podsOf(input, policy.subject);
        for (const { term, path } of rule.peers) {
          const who = some(pods) || 'the pods it selects';
          if (term.kind === 'everyone') {
            yield {
              policy,
              path: rule.path,
              pods,
              message: `this rule lets ${who} reach every address, ${METADATA} included, the metadata service of most clouds`,
              fix: {
                says: `Allow every pod, and every address but ${METADATA}.`,
                changes: [
                  replace(policy.ref, rule.path, {
                    ...record(written(policy, rule.path)),
                    to: [
                      { namespaceSelector: {} },
                      { ipBlock: { cidr: '0.0.0.0/0', except: [`${METADATA}/32`] } },
                      { ipBlock: { cidr: '::/0' } },
                    ],
                  }),
                ],
              },
            };
          }
          if (term.kind !== 'block' || typeof term.range.from !== 'number') continue;
          const covers = [term.range, ...term.except].map(({ from, to }) => from <= ADDRESS && ADDRESS <= to);
          if (covers[0] !== true || covers.slice(1).includes(true)) continue;
          if (term.range.from === term.range.to) continue;
          const block = record(record(written(policy, path))['ipBlock']);
          yield {
            policy,
            path,
            pods,
            message: `${formatRange(term.range)} includes ${METADATA}, the metadata service of most clouds, for ${who}`,
            fix: {
              says: `Add ${METADATA}/32 to except.`,
              changes: [
                replace(policy.ref, [...peersPath(rule, 'egress'), Number(path.at(-1))], {
                  ipBlock: { ...block, except: [...list(block['except']), `${METADATA}/32`] },
                }),
              ],
            },
          };
        }
      }
    }
  },
};

function allowsHttp({ ports }: PolicyRule): boolean {
  return ports === 'all' || ports.some((port) => port.kind === 'numbers' && hasPort(port.ports, 'TCP', 80));
}
