import { formatPorts } from './ports.ts';
import type { Connection, Peer } from './types.ts';

/** `namespace/name[Kind]`, an address range, or `{ingress-controller}`. */
export function formatPeer(peer: Peer): string {
  switch (peer.kind) {
    case 'workload':
      return `${peer.ref.namespace ?? 'default'}/${peer.ref.name}[${peer.ref.kind}]`;
    case 'range':
      return `${peer.from}-${peer.to}`;
    case 'ingressController':
      return '{ingress-controller}';
  }
}

/** A connection as `ReachReport` lists it. */
export interface ListedConnection {
  readonly from: string;
  readonly to: string;
  readonly ports: string;
}

/** Connections as text, sorted by source, then destination. */
export function listed(connections: readonly Connection[]): readonly ListedConnection[] {
  return connections
    .map(({ from, to, ports }) => ({ from: formatPeer(from), to: formatPeer(to), ports: formatPorts(ports) }))
    .sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
