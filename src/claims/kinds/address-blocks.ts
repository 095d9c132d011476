import { formatIp, type IpRange } from '../../analysis/network/addresses/ip.ts';

/** A range as the fewest CIDR blocks that make it up. */
export function cidrsOf(range: IpRange): readonly string[] {
  const found: string[] = [];
  const bits = typeof range.from === 'number' ? 32 : 128;
  let from = BigInt(range.from);
  const to = BigInt(range.to);
  while (from <= to) {
    let size = 0;
    while (size < bits && (from & ((1n << BigInt(size + 1)) - 1n)) === 0n && from + (1n << BigInt(size + 1)) - 1n <= to)
      size++;
    found.push(`${formatIp(bits === 32 ? Number(from) : from)}/${bits - size}`);
    from += 1n << BigInt(size);
  }
  return found;
}
