import { INTERNET, parseCidr, parseIp, subtractRanges, type IpRange } from '../../analysis/network/addresses/ip.ts';
import type { NetworkWorkload } from '../../analysis/network/index.ts';
import type { Facts } from '../facts.ts';
import { cidrsOf } from './address-blocks.ts';
import type { Party } from './reach-parties.ts';

/** Pods of one workload always count as themselves: the claim is about others. */
export function isSame(source: Party, destination: Party): boolean {
  return source.kind === 'workload' && destination.kind === 'workload' && source.workload === destination.workload;
}

/**
 * Everybody beside the sources of the claim: every other workload that is known, and every address outside the cluster
 * that the sources leave. The nodes are not among them: a pod's own node always gets in.
 */
export function everybodyElse({ network }: Facts, from: readonly Party[], destination: Party): readonly Party[] {
  const named = new Set(from.flatMap((party) => (party.kind === 'workload' ? [party.workload] : [])));
  const workloads = network.workloads
    .filter((workload) => !named.has(workload) && !isItsNode(workload))
    .map((workload): Party => ({ kind: 'workload', workload }));
  const others = workloads.filter((party) => !isSame(party, destination));
  if (destination.kind !== 'workload' || from.some((party) => party.kind === 'outside' && party.cidr === undefined))
    return others;
  const left = from.reduce<readonly IpRange[]>((ranges, party) => {
    const cut = party.kind === 'outside' && party.cidr !== undefined ? rangeOf(party.cidr) : undefined;
    return cut
      ? ranges.flatMap((range) => (typeof range.from === typeof cut.from ? subtractRanges(range, [cut]) : [range]))
      : ranges;
  }, INTERNET);
  if (left === INTERNET) return [...others, { kind: 'outside' }];
  return [...others, ...left.flatMap(cidrsOf).map((cidr): Party => ({ kind: 'outside', cidr }))];
}

/** A pod on the network of its node is its node: where policies see it as a pod after all, they close it like any other. */
function isItsNode({ endpoints }: NetworkWorkload): boolean {
  return endpoints.length > 0 && endpoints.every(({ hostNetwork }) => hostNetwork);
}

function rangeOf(cidr: string): IpRange | undefined {
  const parsed = parseCidr(cidr);
  if (parsed.kind !== 'invalid') return parsed.range;
  const address = parseIp(cidr);
  return address === undefined ? undefined : { from: address, to: address };
}
