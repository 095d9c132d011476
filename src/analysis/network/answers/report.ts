import { memoised } from '../../../model/memoised.ts';
import { formatPorts } from '../ports/ports.ts';
import type { Connection, Peer } from '../types.ts';

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

/** Connections as text, sorted by source, then destination. Each peer and port set is written once, however often it stands. */
export function listed(connections: readonly Connection[]): readonly ListedConnection[] {
  const [nameOf, textOf] = [memoised(formatPeer), memoised(formatPorts)];
  const bySource = new Map<string, ListedConnection[]>();
  for (const { from, to, ports } of connections) {
    const one = { from: nameOf(from), to: nameOf(to), ports: textOf(ports) };
    const known = bySource.get(one.from);
    if (known) known.push(one);
    else bySource.set(one.from, [one]);
  }
  const sources = [...bySource].sort(([a], [b]) => compare(a, b));
  return sources.flatMap(([, list]) => list.sort((a, b) => compare(a.to, b.to)));
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
