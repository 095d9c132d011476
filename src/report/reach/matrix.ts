import { formatPorts, type NetworkAnalysis, type Peer, type PeerQuery } from '../../analysis/network/index.ts';
import { NO_PORTS, unionPorts, type PortSet } from '../../analysis/network/ports/ports.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { compare } from '../../model/order.ts';
import type { ReachMatrix } from '../types.ts';

/** Up to this many workloads every pair that no connection is certain for is asked about, to tell closed from undecided. */
const EXACT_UP_TO = 150;

/** Who reaches whom, workload by workload, compressed row by row. */
export function reachMatrix(network: NetworkAnalysis): ReachMatrix {
  const workloads = [...network.workloads].sort((a, b) => compare(a.id, b.id));
  const numbers = portNumbers();
  const cells = cellsOf(network, workloads, numbers);
  const exact = workloads.length <= EXACT_UP_TO;
  if (exact) markUndecided(cells, network, workloads);
  return {
    profile: network.profile,
    workloads: workloads.map(({ id }) => id),
    ports: numbers.written,
    ...sharedPatterns(cells),
    exact: exact || network.gaps.length === 0,
  };
}

/** Sets of ports as numbers: 0 is none, 1 is undecided, equal sets are one number. */
interface PortNumbers {
  readonly written: readonly string[];
  numberOf(set: PortSet): number;
  unionOf(a: number, b: number): number;
}

const UNDECIDED = 1;

function portNumbers(): PortNumbers {
  const written = ['', '?'];
  const sets: PortSet[] = [NO_PORTS, NO_PORTS];
  const numbers = new Map<string, number>();
  const numberOf = (set: PortSet): number => {
    const text = formatPorts(set);
    let number = numbers.get(text);
    if (number === undefined) {
      numbers.set(text, (number = written.push(text) - 1));
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
  return { written, numberOf, unionOf };
}

type Workloads = NetworkAnalysis['workloads'];

/** A row for each source. The cell of a workload with itself means nothing; filled alike it leaves rows that are alike equal. */
function cellsOf(
  network: NetworkAnalysis,
  workloads: Workloads,
  { numberOf, unionOf }: PortNumbers,
): readonly Uint32Array[] {
  const position = new Map(workloads.map((workload, index) => [workload.id, index]));
  const placesOf = (peers: readonly Peer[]): readonly number[] =>
    peers.flatMap((peer) => (peer.kind === 'workload' ? (position.get(formatPeer(peer)) ?? []) : []));
  const cells = workloads.map(() => new Uint32Array(workloads.length));
  for (const { from, to, ports } of network.groups()) {
    const [number, columns] = [numberOf(ports), placesOf(to)];
    for (const row of placesOf(from)) {
      const own = cells[row];
      if (own) for (const column of columns) own[column] = unionOf(own[column] ?? 0, number);
    }
  }
  return cells;
}

/** Asks about every pair for which no connection is certain. */
function markUndecided(cells: readonly Uint32Array[], network: NetworkAnalysis, workloads: Workloads): void {
  const queries = workloads.map(({ namespace, ref }): PeerQuery => ({
    kind: 'workload',
    namespace,
    name: ref.name,
    workloadKind: ref.kind,
  }));
  for (const [row, from] of queries.entries())
    for (const [column, to] of queries.entries()) {
      const own = cells[row];
      if (row === column || !own || own[column] !== 0) continue;
      const { verdict } = network.query(from, to);
      if (verdict === 'unknown' || verdict === 'implementationDefined') own[column] = UNDECIDED;
    }
}

/** Each different row once, and which of them each source has. */
function sharedPatterns(cells: readonly Uint32Array[]): Pick<ReachMatrix, 'patterns' | 'rows'> {
  const patterns: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  const rows = cells.map((row) => {
    const runs = runLengths(row);
    const key = runs.join(' ');
    const known = numbers.get(key) ?? patterns.push(runs) - 1;
    numbers.set(key, known);
    return known;
  });
  return { patterns, rows };
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
