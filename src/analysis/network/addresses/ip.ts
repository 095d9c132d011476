/**
 * IP addresses as plain values: an IPv4 address is a number, an IPv6 address a bigint. The type tells the family,
 * and `<` orders both.
 */
export type IpValue = number | bigint;
export type Family = 4 | 6;

/** An inclusive range of addresses of one family. */
export interface IpRange {
  readonly from: IpValue;
  readonly to: IpValue;
}

export const ALL_IPV4: IpRange = { from: 0, to: 0xffff_ffff };
export const ALL_IPV6: IpRange = { from: 0n, to: (1n << 128n) - 1n };

export function familyOf(value: IpValue): Family {
  return typeof value === 'number' ? 4 : 6;
}

export function after(value: IpValue): IpValue {
  return typeof value === 'number' ? value + 1 : value + 1n;
}

export function before(value: IpValue): IpValue {
  return typeof value === 'number' ? value - 1 : value - 1n;
}

/** Reads an address; undefined when it is none. Leading zeros are refused, as the API server does. */
export function parseIp(text: string): IpValue | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): number | undefined {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) {
      if (digits === 0 || ++dots > 3) return undefined;
      value = value * 256 + part;
      part = digits = 0;
    } else {
      // No leading zero, nothing above 255.
      if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return undefined;
      part = part * 10 + digit;
      digits++;
      if (part > 255) return undefined;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  let written = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const v4 = parseIpv4(dotted[2] ?? '');
    if (v4 === undefined) return undefined;
    written = `${dotted[1]}${Math.floor(v4 / 65_536).toString(16)}:${(v4 % 65_536).toString(16)}`;
  }
  const halves = written.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<string>(missing).fill('0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

export type ParsedCidr =
  | { readonly kind: 'ok'; readonly range: IpRange; readonly prefix: number }
  /** Bits are set behind the prefix: `range` is the network meant, which older API servers took. */
  | { readonly kind: 'bitsBehindPrefix'; readonly range: IpRange; readonly prefix: number }
  | { readonly kind: 'invalid' };

/** Reads a network. IPv4 addresses written as IPv6 (`::ffff:10.0.0.0/104`) are refused, as the API server does. */
export function parseCidr(text: string): ParsedCidr {
  const [, address = '', length] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const value = parseIp(address);
  const prefix = Number(length);
  if (value === undefined || length === undefined) return { kind: 'invalid' };
  if (typeof value === 'number') {
    if (prefix > 32) return { kind: 'invalid' };
    const size = 2 ** (32 - prefix);
    const from = Math.floor(value / size) * size;
    return { kind: from === value ? 'ok' : 'bitsBehindPrefix', range: { from, to: from + size - 1 }, prefix };
  }
  if (prefix > 128 || value >> 32n === 0xffffn) return { kind: 'invalid' };
  const size = 1n << BigInt(128 - prefix);
  const from = value - (value % size);
  return { kind: from === value ? 'ok' : 'bitsBehindPrefix', range: { from, to: from + size - 1n }, prefix };
}

export function formatIp(value: IpValue): string {
  if (typeof value === 'number') {
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const longest = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (!longest) return groups.join(':');
  const text = groups.join(':');
  const head = text.slice(0, longest.index).replace(/:$/, '');
  const tail = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${head}::${tail}`;
}

/** `10.0.0.0-10.0.0.255`. */
export function formatRange(range: IpRange): string {
  return `${formatIp(range.from)}-${formatIp(range.to)}`;
}

export function contains(outer: IpRange, inner: IpRange): boolean {
  return typeof outer.from === typeof inner.from && outer.from <= inner.from && inner.to <= outer.to;
}

/** What is left of a range without others. */
export function subtractRanges(range: IpRange, without: readonly IpRange[]): readonly IpRange[] {
  const rest: IpRange[] = [];
  let from = range.from;
  for (const hole of [...without].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    if (hole.to < from || hole.from > range.to) continue;
    if (hole.from > from) rest.push({ from, to: before(hole.from) });
    if (hole.to >= range.to) return rest;
    from = after(hole.to);
  }
  rest.push({ from, to: range.to });
  return rest;
}

const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
].map(rangeOf);

/** The addresses meant by `internet`: IPv4 without private, shared, link-local and multicast ranges, and IPv6 global unicast (RFC 6890, RFC 4291). */
export const INTERNET: readonly IpRange[] = [...subtractRanges(ALL_IPV4, NOT_PUBLIC), rangeOf('2000::/3')];

function rangeOf(cidr: string): IpRange {
  const parsed = parseCidr(cidr);
  if (parsed.kind !== 'ok') throw new Error(`${cidr} is no network`);
  return parsed.range;
}
