import { at, record, strings, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { familyOf, type IpFamily } from '../../network/ip.ts';
import type { Cause } from '../http/status.ts';
import type { Fields } from '../objects.ts';
import { invalidValue } from '../validation/causes.ts';

/** Which families a Service gets addresses of, or why it gets none. */
export type FamiliesOfService =
  | { readonly kind: 'ok'; readonly policy: string; readonly families: readonly IpFamily[] }
  | { readonly kind: 'invalid'; readonly causes: readonly Cause[] };

/**
 * Chooses `ipFamilyPolicy` and `ipFamilies` of a Service from what is written, what it had, and the families of the
 * cluster, the default one first. `addresses` are the clusterIPs asked for. Source: initIPFamilyFields of
 * pkg/registry/core/service/storage/alloc.go, in its order and words.
 */
export function chooseFamilies(
  spec: Fields,
  addresses: readonly string[],
  before: KubernetesObject | undefined,
  configured: readonly IpFamily[],
): FamiliesOfService {
  const selectorless = addresses[0] === 'None' && Object.keys(record(spec['selector'])).length === 0;
  const policy =
    text(spec['ipFamilyPolicy']) ??
    text(at(before, 'spec', 'ipFamilyPolicy')) ??
    (selectorless ? 'RequireDualStack' : 'SingleStack');
  const written = strings(spec['ipFamilies']).filter(isFamily);
  const families = [
    ...written,
    ...addresses
      .slice(written.length)
      .filter((one) => one !== 'None')
      .map(familyOf),
  ];
  const causes: Cause[] = [];
  if (policy === 'SingleStack') {
    for (const [field, some] of [
      ['clusterIPs', addresses],
      ['ipFamilies', families],
    ] as const)
      if (some.length > 1)
        causes.push(
          invalidValue(
            'spec.ipFamilyPolicy',
            policy,
            `must be RequireDualStack or PreferDualStack when multiple ${field} are specified`,
          ),
        );
  }
  for (const [index, address] of addresses.entries()) {
    const family = written[index];
    if (family !== undefined && address !== 'None' && familyOf(address) !== family)
      causes.push(
        invalidValue(
          `spec.clusterIPs[${index}]`,
          address,
          `expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
        ),
      );
  }
  if (causes.length > 0) return { kind: 'invalid', causes };
  const [first = configured[0] ?? 'IPv4'] = families;
  const other = first === 'IPv4' ? 'IPv6' : 'IPv4';
  const both: readonly IpFamily[] = families.length > 1 ? families : [first, other];
  // Its endpoints are written by somebody who may know more families than the cluster.
  if (selectorless) return { kind: 'ok', policy, families: policy === 'SingleStack' ? [first] : both };
  if (policy === 'RequireDualStack' && configured.length < 2)
    causes.push(invalidValue('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'));
  for (const [index, family] of families.entries())
    if (!configured.includes(family))
      causes.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  if (causes.length > 0) return { kind: 'invalid', causes };
  return { kind: 'ok', policy, families: policy === 'SingleStack' || configured.length < 2 ? [first] : both };
}

function isFamily(name: string): name is IpFamily {
  return name === 'IPv4' || name === 'IPv6';
}
