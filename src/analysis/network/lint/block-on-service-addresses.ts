import { at } from '../../../model/json.ts';
import { formatRange, INTERNET, parseIp, type IpRange, type IpValue } from '../addresses/ip.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsOf, some, someNames, type Lint } from './define-lint.ts';
import { servicesIn } from './services-in.ts';

/** Policies see a connection after the Service's address was rewritten to a pod's: a block of Service addresses never matches. */
export const blockOnServiceAddresses: Lint = {
  id: 'block-on-service-addresses',
  title: 'An ipBlock names addresses of Services',
  severity: 'high',
  *run(input) {
    const services = input.snapshot.list('Service').flatMap(({ object }) => {
      const address = parseIp(String(at(object, 'spec', 'clusterIP') ?? ''));
      return address === undefined ? [] : [{ object, address }];
    });
    for (const policy of namespacePolicies(input)) {
      for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
        for (const { term, path } of rule.peers) {
          if (term.kind !== 'block' || !isNarrow(term.range)) continue;
          const hit = services.filter(
            ({ address }) => inside(term.range, address) && !term.except.some((out) => inside(out, address)),
          );
          if (hit.length === 0) continue;
          const names = hit.map(({ object }) => `${object.metadata.namespace}/${object.metadata.name}`);
          const [only] = hit;
          const behind =
            only && servicesIn(input, only.object.metadata.namespace).find(({ service }) => service === only.object);
          yield {
            policy,
            path,
            pods: podsOf(input, policy.subject),
            message: `${formatRange(term.range)} holds the address of Service ${someNames(names)}, which policies never see: they see the pods behind it${behind && behind.behind.length > 0 ? `, ${some(behind.behind)}` : ''}`,
            fix: {
              says: 'Name the pods behind the Service by their labels.',
              ...(hit.length === 1 && behind
                ? {
                    changes: [
                      replace(policy.ref, path, {
                        namespaceSelector: {
                          matchLabels: { 'kubernetes.io/metadata.name': only?.object.metadata.namespace },
                        },
                        podSelector: { matchLabels: behind.selector },
                      }),
                    ],
                  }
                : {}),
            },
          };
        }
      }
    }
  },
};

export function inside(range: IpRange, value: IpValue): boolean {
  return typeof range.from === typeof value && range.from <= value && value <= range.to;
}

/** Meant for something inside: no public address in it, and not more than 65,536 addresses. */
export function isNarrow(range: IpRange): boolean {
  const overlaps = INTERNET.some(
    (open) => typeof open.from === typeof range.from && open.from <= range.to && range.from <= open.to,
  );
  return !overlaps && BigInt(range.to) - BigInt(range.from) < 65_536n;
}
