import { INTERNET, parseCidr, parseIp, type IpRange } from '../../analysis/network/addresses/ip.ts';

/** Whether a listed range has an address in common with a network, one address, or the public internet. */
export function rangesOverlap(network: string, from: string, to: string): boolean {
  const [low, high] = [parseIp(from), parseIp(to)];
  if (low === undefined || high === undefined) return false;
  return rangesOf(network).some((range) => typeof range.from === typeof low && range.from <= high && low <= range.to);
}

function rangesOf(network: string): readonly IpRange[] {
  if (network === 'internet') return INTERNET;
  const address = parseIp(network);
  if (address !== undefined) return [{ from: address, to: address }];
  const parsed = parseCidr(network);
  return parsed.kind === 'invalid' ? [] : [parsed.range];
}
