import { formatPorts, type NetworkAnalysis, type Peer, type PeerQuery } from '../../analysis/network/index.ts';
import { NO_PORTS, unionPorts, type PortSet } from '../../analysis/network/ports/ports.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { compare } from '../../model/order.ts';
import type { ReachMatrix } from '../types.ts';

/** Up to this many workloads every pair that no connection is certain for is asked about, to tell closed from undecided. */
const EXACT_UP_TO = 150;

/** Who reaches whom, workload by workload, compressed row by row. */
export function reachMatrix(network: NetworkAnalysis): ReachMatrix {
  const sorted = [...network.workloads].sort((a, b) => compare(a.id, b.id));
  const position = new Map(sorted.map((workload, index) => [workload.id, index]));
  const ports = ['', '?'];
  const sets: PortSet[] = [NO_PORTS, NO_PORTS];
  const numbers = new Map<string, number>();
  const numberOf = (set: PortSet): number => {
    const written = formatPorts(set);
    let number = numbers.get(written);
    if (number === undefined) {
      numbers.set(written, (number = ports.push(written) - 1));
      sets.push(set);
    }
    return number;
  };
  const unions = new Map<string, number>();
  const unionOf = (a: number, b: number): number => {
    if (a === 0 || a === b) return b;
    const key = `${a} ${b}`;
    let both = unions.get(key);
    if (both === undefined) unions.set(key, (both = numberOf(unionPorts(sets[a] ?? NO_PORTS, sets[b] ?? NO_PORTS))));
    return both;
  };
  const placesOf = (peers: readonly Peer[]): readonly number[] =>
    peers.flatMap((peer) => (peer.kind === 'workload' ? (position.get(formatPeer(peer)) ?? []) : []));
  const cells = sorted.map(() => new Uint32Array(sorted.length));
  for (const { from, to, ports: set } of network.groups()) {
    const [number, columns] = [numberOf(set), placesOf(to)];
    // The cell of a workload with itself means nothing; filled alike it leaves rows that are alike equal.
    for (const row of placesOf(from)) {
      const own = cells[row];
      if (own) for (const column of columns) own[column] = unionOf(own[column] ?? 0, number);
    }
  }
  const exact = sorted.length <= EXACT_UP_TO;
  if (exact) {
    const queries = sorted.map(({ namespace, ref }): PeerQuery => ({
      kind: 'workload',
      namespace,
      name: ref.name,
      workloadKind: ref.kind,
    }));
    queries.forEach((from, row) =>
      queries.forEach((to, column) => {
        const cellsOfRow = cells[row];
        if (row === column || !cellsOfRow || cellsOfRow[column] !== 0) return;
        const { verdict } = network.query(from, to);
        if (verdict === 'unknown' || verdict === 'implementationDefined') cellsOfRow[column] = 1;
      }),
    );
  }
  const patterns: (readonly number[])[] = [];
  const patternNumbers = new Map<string, number>();
  const rows = cells.map((row) => {
    const runs = runLengths(row);
    const key = runs.join(' ');
    const known = patternNumbers.get(key) ?? patterns.push(runs) - 1;
    patternNumbers.set(key, known);
    return known;
  });
  return {
    profile: network.profile,
    workloads: sorted.map(({ id }) => id),
    ports,
    patterns,
    rows,
    exact: exact || network.gaps.length === 0,
  };
}

function runLengths(cells: Uint32Array): readonly number[] {
  const runs: number[] = [];
  for (let start = 0; start < cells.length;) {
    let end = start + 1;
    while (end < cells.length && cells[end] === cells[start]) end++;
    runs.push(end - start, cells[start] ?? 0);
    start = end;
  }
  return runs;
}
