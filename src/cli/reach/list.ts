import { rangesOverlap } from './address-match.ts';
import {
  formatPorts,
  type ConnectionFilter,
  type NetworkAnalysis,
  type Peer,
  type PeerQuery,
} from '../../analysis/network/index.ts';
import { formatPeer, listed, type ListedConnection } from '../../analysis/network/report.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { formatTable, printDocument, write, type OutputFormat } from '../output.ts';
import { mustBeThere } from './answer.ts';
import { compress, formatSet, type ConnectionGroup } from './compress.ts';
import { csvRows, formatCsv } from '../../report/formats/csv.ts';
import { formatMarkdown, markdownRows } from '../../report/formats/markdown.ts';
import { formatDot, formatRows, formatSvg } from './formats.ts';
import { API_VERSION, basis, reportBasis, type OpenedNetwork, type ReachOptions } from './options.ts';

/** Above so many workloads a list is written while it is computed, destination by destination, and never held whole. */
const STREAMED_FROM = 2_000;
const HEADING = ['from', 'to', 'ports'] as const;

/** Prints every connection that is certainly allowed, from one source when given. */
export async function list(
  io: Io,
  options: ReachOptions & { readonly compressed?: boolean },
  opened: OpenedNetwork,
  from: PeerQuery | undefined,
): Promise<void> {
  const { snapshot, analysis } = opened;
  if (from) mustBeThere(from, opened);
  const filter = from ? { from: matcher(from, analysis) } : {};
  const head = {
    apiVersion: API_VERSION,
    kind: 'ReachReport',
    ...basis(snapshot, analysis),
    exposures: analysis.exposures().map(exposureDocument),
  };
  let count: number;
  if (options.compressed === true) {
    const groups = compress(batches(analysis, filter));
    count = groups.reduce((sum, group) => sum + group.from.length * group.to.length, 0);
    if (!(await printDocument(io, options.output as OutputFormat, { ...head, groups })))
      await write(io.stdout, formatGroups(options.output, groups));
  } else if (analysis.workloads.length > STREAMED_FROM && !['yaml', 'dot', 'svg'].includes(options.output)) {
    count = await stream(io, options.output, head, batches(analysis, filter));
  } else {
    const connections = listed(analysis.connections(filter));
    count = connections.length;
    if (!(await printDocument(io, options.output as OutputFormat, { ...head, connections })))
      await write(io.stdout, formatConnections(options.output, connections));
  }
  if (options.output === 'json' || options.output === 'yaml') return;
  reportBasis(io, snapshot, analysis);
  io.stderr.write(`${count} connections of ${analysis.workloads.length} workloads, profile ${analysis.profile}\n`);
}

/** The connections to one workload after the other; those to the outside last. */
function* batches(analysis: NetworkAnalysis, filter: ConnectionFilter): Generator<readonly ListedConnection[]> {
  for (const part of analysis.connectionParts(filter)) yield listed(part);
}

async function stream(
  io: Io,
  format: string,
  head: object,
  parts: Iterable<readonly ListedConnection[]>,
): Promise<number> {
  let count = 0;
  if (format === 'json') {
    const text = JSON.stringify(head, null, 2);
    await write(io.stdout, `${text.slice(0, -2)},\n  "connections": [`);
    for (const part of parts) {
      const lines = part.map((one, i) => `${count + i === 0 ? '' : ','}\n    ${JSON.stringify(one)}`);
      count += part.length;
      await write(io.stdout, lines.join(''));
    }
    await write(io.stdout, '\n  ]\n}\n');
    return count;
  }
  const rows = (part: readonly ListedConnection[]): string =>
    format === 'csv'
      ? csvRows(part.map(cells))
      : format === 'markdown'
        ? markdownRows(part.map(cells))
        : part.map((one) => `${cells(one).join('  ')}\n`).join('');
  if (format === 'csv') await write(io.stdout, formatCsv(HEADING, []));
  if (format === 'markdown') await write(io.stdout, formatMarkdown(HEADING, []));
  for (const part of parts) {
    count += part.length;
    await write(io.stdout, rows(part));
  }
  return count;
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

function formatGroups(format: string, groups: readonly ConnectionGroup[]): string {
  const rows = groups.map(({ from, to, ports }) => [formatSet(from), formatSet(to), ports]);
  if (format === 'csv' || format === 'markdown') return formatRows(format, HEADING, rows);
  if (format === 'dot' || format === 'svg') {
    const drawn = groups.map(({ from, to, ports }) => ({ from: formatSet(from), to: formatSet(to), ports }));
    return format === 'dot' ? formatDot(drawn) : formatSvg(drawn);
  }
  return formatTable(['FROM', 'TO', 'PORTS'], rows);
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
