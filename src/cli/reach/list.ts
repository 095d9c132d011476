import { csvRows } from '../../report/formats/csv.ts';
import { markdownRows } from '../../report/formats/markdown.ts';
import {
  formatPorts,
  type Connection,
  type NetworkAnalysis,
  type Peer,
  type PeerQuery,
} from '../../analysis/network/index.ts';
import { formatPeer, listed, type ListedConnection } from '../../analysis/network/answers/report.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { rangesOverlap } from './address-match.ts';
import { mustBeThere } from './answer.ts';
import { fold, type Folded } from '../../report/reach/fold.ts';
import { formatFolded } from '../../report/reach/folded-text.ts';
import { formatDot } from '../../report/reach/dot.ts';
import { formatRows } from '../../report/rows.ts';
import { formatSvg } from '../../report/reach/svg.ts';
import { inParts, printLongDocument } from './long-document.ts';
import { basis, reportBasis, type OpenedNetwork, type ReachOptions } from './options.ts';

/** Above so many pairs peers that are alike are listed together, unless each pair is asked for: nobody reads more. */
const FOLDED_FROM = 1_000_000;
const HEADING = ['from', 'to', 'ports'] as const;

/** Flags of the list of connections. */
export interface ListOptions extends ReachOptions {
  /** Lists peers that are alike as sets, or each by itself; what is readable when absent. */
  readonly compressed?: boolean;
}

/** Prints every connection that is certainly allowed, from one source when given. */
export async function list(
  io: Io,
  options: ListOptions,
  opened: OpenedNetwork,
  from: PeerQuery | undefined,
): Promise<void> {
  const { snapshot, analysis } = opened;
  if (from) mustBeThere(from, opened);
  const wanted = from ? matcher(from, analysis) : undefined;
  const folded = options.compressed ?? (from === undefined && isLong(analysis));
  const head = {
    apiVersion: API_VERSION,
    kind: 'ReachReport',
    ...basis(snapshot, analysis),
    exposures: analysis.exposures().map(exposureDocument),
  };
  const count = folded
    ? await printFolded(io, options.output, head, fold(analysis.groups(), wanted), analysis)
    : await printConnections(io, options.output, head, analysis, wanted);
  if (options.output === 'json' || options.output === 'yaml') return;
  reportBasis(io, snapshot, analysis);
  const what = folded ? 'groups of connections' : 'connections';
  io.stderr.write(`${count} ${what} of ${analysis.workloads.length} workloads, profile ${analysis.profile}\n`);
  if (folded && options.compressed === undefined)
    io.stderr.write('peers that are alike are listed together; --no-compressed lists every connection by itself\n');
}

/** Whether there are more pairs than anybody reads. Pairs that are in several groups count for each: a bound is enough. */
function isLong(analysis: NetworkAnalysis): boolean {
  if (analysis.workloads.length ** 2 <= FOLDED_FROM) return false;
  return analysis.groups().reduce((sum, { from, to }) => sum + from.length * to.length, 0) > FOLDED_FROM;
}

async function printFolded(
  io: Io,
  format: string,
  head: object,
  folded: Folded,
  { workloads }: NetworkAnalysis,
): Promise<number> {
  const count = folded.groups.length;
  if (format === 'json') {
    await printLongDocument(io, head, [
      ['sets', inParts(folded.sets)],
      ['groups', inParts(folded.groups)],
    ]);
    return count;
  }
  if (await printDocument(io, format as OutputFormat, { ...head, ...folded })) return count;
  const sizes = new Map(
    [...Map.groupBy(workloads, ({ namespace }) => namespace)].map(([name, all]) => [name, all.length]),
  );
  await write(io.stdout, formatFolded(format, folded, sizes));
  return count;
}

/** The whole list, sorted by source; where it is too long to be held, destination by destination as it is computed. */
async function printConnections(
  io: Io,
  format: string,
  head: object,
  analysis: NetworkAnalysis,
  wanted: ((source: Peer) => boolean) | undefined,
): Promise<number> {
  const filter = wanted ? { from: wanted } : {};
  if (wanted === undefined && isLong(analysis) && !['yaml', 'dot', 'svg'].includes(format))
    return printInParts(io, format, head, analysis.connectionParts(filter));
  const connections = listed(analysis.connections(filter));
  if (format === 'json') await printLongDocument(io, head, [['connections', inParts(connections)]]);
  else if (!(await printDocument(io, format as OutputFormat, { ...head, connections })))
    await write(io.stdout, formatConnections(format, connections));
  return connections.length;
}

async function printInParts(
  io: Io,
  format: string,
  head: object,
  parts: Iterable<readonly Connection[]>,
): Promise<number> {
  let count = 0;
  const texts = (function* (): Generator<readonly ListedConnection[]> {
    for (const part of parts) {
      count += part.length;
      yield listed(part);
    }
  })();
  if (format === 'json') await printLongDocument(io, head, [['connections', texts]]);
  else {
    if (format === 'csv' || format === 'markdown') await write(io.stdout, formatRows(format, HEADING, []));
    for (const part of texts) await write(io.stdout, rowsOf(format, part));
  }
  return count;
}

function rowsOf(format: string, connections: readonly ListedConnection[]): string {
  const rows = connections.map(cells);
  if (format === 'csv') return csvRows(rows);
  return format === 'markdown' ? markdownRows(rows) : rows.map((row) => `${row.join('  ')}\n`).join('');
}

function cells({ from, to, ports }: ListedConnection): readonly string[] {
  return [from, to, ports];
}

function formatConnections(format: string, connections: readonly ListedConnection[]): string {
  switch (format) {
    case 'dot':
      return formatDot(connections);
    case 'svg':
      return formatSvg(connections);
    default:
      return formatRows(format, HEADING, connections.map(cells));
  }
}

function exposureDocument({ workload, ports, ...rest }: ReturnType<NetworkAnalysis['exposures']>[number]) {
  return { workload: formatPeer({ kind: 'workload', ref: workload }), ports: formatPorts(ports), ...rest };
}

/** Whether a peer is one of those a question names. Throws SW_REACH_PEER_INVALID for a Service. */
function matcher(query: PeerQuery, analysis: NetworkAnalysis): (peer: Peer) => boolean {
  switch (query.kind) {
    case 'workload': {
      // A pod is listed as its workload.
      const owners = new Set(
        analysis.workloads
          .filter(
            ({ namespace, endpoints, ref }) =>
              namespace === query.namespace &&
              (ref.name === query.name || endpoints.some(({ pod }) => pod === query.name)),
          )
          .map(({ id }) => id),
      );
      return (peer) => peer.kind === 'workload' && owners.has(formatPeer(peer));
    }
    case 'namespace':
      return (peer) => peer.kind === 'workload' && (peer.ref.namespace ?? 'default') === query.namespace;
    case 'internet':
      return (peer) => peer.kind === 'range' && rangesOverlap('internet', peer.from, peer.to);
    case 'cidr':
      return (peer) => peer.kind === 'range' && rangesOverlap(query.cidr, peer.from, peer.to);
    case 'service':
      throw new SeaworthyError('SW_REACH_PEER_INVALID', 'a Service opens no connections', {
        hint: 'Name the workload behind it, or ask with a second argument.',
      });
  }
}
