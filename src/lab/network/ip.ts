import { formatIp, parseIp } from '../../analysis/network/addresses/ip.ts';

/** A family of IP addresses, by the name Kubernetes has for it. */
export type IpFamily = 'IPv4' | 'IPv6';

/** One address (or block) of each family there is, the primary family's first. */
export type PerFamily = readonly [primary: string, ...others: string[]];

/** The family of an address or CIDR. */
export function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** The one of these addresses or blocks that is of a family. */
export function ofFamily(addresses: readonly string[], family: IpFamily): string | undefined {
  return addresses.find((address) => familyOf(address) === family);
}

/** The address so many after the one a block is written with: `10.96.0.1` is 1 in `10.96.0.0/16`. */
export function addressIn(cidr: string, offset: number): string {
  const [address = ''] = cidr.split('/');
  const first = parseIp(address);
  if (first === undefined) throw new Error(`${cidr} is no block of addresses`);
  return formatIp(typeof first === 'number' ? first + offset : first + BigInt(offset));
}

/** An address in network byte order: 4 bytes or 16. */
export function addressBytes(address: string): Buffer {
  const value = parseIp(address);
  if (value === undefined) throw new Error(`${address} is no IP address`);
  const size = typeof value === 'number' ? 4 : 16;
  return Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');
}
