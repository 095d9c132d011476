export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Sorted, disjoint, non-adjacent inclusive ranges within 1-65535. */
export type PortRanges = readonly (readonly [from: number, to: number])[];

/** The ports of each protocol; a protocol without an entry has none. */
export type PortSet = Readonly<Partial<Record<Protocol, PortRanges>>>;

export const PROTOCOLS: readonly Protocol[] = ['SCTP', 'TCP', 'UDP'];
export const MAX_PORT = 65_535;

const FULL: PortRanges = [[1, MAX_PORT]];
export const NO_PORTS: PortSet = {};
export const ALL_PORTS: PortSet = { SCTP: FULL, TCP: FULL, UDP: FULL };

/** Ports `from` to `to` of one protocol; every port of it when they are left out. */
export function portRange(protocol: Protocol, from = 1, to = from === 1 ? MAX_PORT : from): PortSet {
  return { [protocol]: [[from, to]] };
}

/** One port. */
export function singlePort(protocol: Protocol, port: number): PortSet {
  return { [protocol]: [[port, port]] };
}

export function isEmpty(set: PortSet): boolean {
  return PROTOCOLS.every((protocol) => (set[protocol]?.length ?? 0) === 0);
}

export function unionPorts(a: PortSet, b: PortSet): PortSet {
  return perProtocol((protocol) => normalise([...(a[protocol] ?? []), ...(b[protocol] ?? [])]));
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  return perProtocol((protocol) => intersectRanges(a[protocol] ?? [], b[protocol] ?? []));
}

/** The ports of `a` that are not in `b`. */
export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  return perProtocol((protocol) => intersectRanges(a[protocol] ?? [], complement(b[protocol] ?? [])));
}

export function hasPort(set: PortSet, protocol: Protocol, port: number): boolean {
  return (set[protocol] ?? []).some(([from, to]) => from <= port && port <= to);
}

/** `All Connections`, `No Connections`, or protocols in alphabetical order: `SCTP 1-65535,TCP 80,443-444`. */
export function formatPorts(set: PortSet): string {
  const written = PROTOCOLS.flatMap((protocol) => {
    const ranges = set[protocol] ?? [];
    if (ranges.length === 0) return [];
    return [`${protocol} ${ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')}`];
  });
  if (written.length === 0) return 'No Connections';
  const text = written.join(',');
  return text === `SCTP 1-${MAX_PORT},TCP 1-${MAX_PORT},UDP 1-${MAX_PORT}` ? 'All Connections' : text;
}

/** Reads what `formatPorts` writes. */
export function parsePorts(text: string): PortSet {
  if (text === 'All Connections') return ALL_PORTS;
  if (text === 'No Connections') return NO_PORTS;
  const found: Partial<Record<Protocol, (readonly [number, number])[]>> = {};
  let current: Protocol = 'TCP';
  for (const token of text.split(',')) {
    const [, protocol, from, to] = /^(?:(SCTP|TCP|UDP) )?(\d+)(?:-(\d+))?$/.exec(token.trim()) ?? [];
    if (protocol !== undefined) current = protocol as Protocol;
    if (from !== undefined) (found[current] ??= []).push([Number(from), Number(to ?? from)]);
  }
  return perProtocol((protocol) => normalise(found[protocol] ?? []));
}

function perProtocol(ranges: (protocol: Protocol) => PortRanges): PortSet {
  const set: Partial<Record<Protocol, PortRanges>> = {};
  for (const protocol of PROTOCOLS) {
    const found = ranges(protocol);
    if (found.length > 0) set[protocol] = found;
  }
  return set;
}

function normalise(ranges: PortRanges): PortRanges {
  if (ranges.length < 2) return ranges;
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function intersectRanges(a: PortRanges, b: PortRanges): PortRanges {
  const both: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFrom, aTo] = a[i] as readonly [number, number];
    const [bFrom, bTo] = b[j] as readonly [number, number];
    const from = Math.max(aFrom, bFrom);
    const to = Math.min(aTo, bTo);
    if (from <= to) both.push([from, to]);
    if (aTo < bTo) i++;
    else j++;
  }
  return both;
}

function complement(ranges: PortRanges): PortRanges {
  const rest: [number, number][] = [];
  let next = 1;
  for (const [from, to] of ranges) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= MAX_PORT) rest.push([next, MAX_PORT]);
  return rest;
}
