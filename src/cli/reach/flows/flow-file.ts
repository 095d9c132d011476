import { parseCidr, parseIp } from '../../../analysis/network/addresses/ip.ts';
import type { NetworkAnalysis, PeerQuery } from '../../../analysis/network/index.ts';
import { INTERNET_BLOCKS, type Flow, type FlowEnd } from '../../../analysis/network/synthesize/flow.ts';
import { messageOf, SeaworthyError } from '../../../model/errors.ts';
import { at, isRecord, number, text } from '../../../model/json.ts';
import { parsePeer } from '../arguments.ts';
import { hubbleFlow } from './hubble.ts';
import { protocolOf, type WrittenFlow } from './written-flow.ts';

/** Flows of a file, and those whose ends are not among the workloads read. */
export interface FlowFile {
  readonly flows: readonly Flow[];
  readonly strangers: readonly string[];
}

/**
 * Reads observed flows: JSON, one object a line or a list, each `{from, to, port, protocol}` with ends as `reach` takes
 * them; a ProbeReport, whose connected cells count; or flows as Hubble exports them. Throws SW_FLOW_INVALID with the line.
 */
export function readFlows(written: string, file: string, analysis: NetworkAnalysis): FlowFile {
  const flows: Flow[] = [];
  const strangers: string[] = [];
  for (const { value, line } of entriesOf(written, file)) {
    const flow = plainFlow(value) ?? hubbleFlow(value);
    if (flow === 'skip') continue;
    if (!flow) {
      throw new SeaworthyError('SW_FLOW_INVALID', 'this is no flow', {
        hint: 'A flow is {"from": "shop/web", "to": "shop/db", "port": 5432, "protocol": "TCP"}.',
        at: { file, line },
      });
    }
    const ends = [flow.from, flow.to].map((end) => endsOf(end, analysis, { file, line }));
    if (ends.some((found) => found.length === 0)) strangers.push(`${file}:${line} ${flow.from} -> ${flow.to}`);
    const [sources = [], destinations = []] = ends;
    for (const from of sources)
      for (const to of destinations)
        if (from.kind !== 'block' || to.kind !== 'block')
          flows.push({ from, to, port: flow.port, protocol: flow.protocol, says: `observed (${file}:${line})` });
  }
  return { flows, strangers };
}

function* entriesOf(written: string, file: string): Generator<{ readonly value: unknown; readonly line: number }> {
  let whole: unknown;
  try {
    whole = JSON.parse(written);
  } catch {
    whole = undefined;
  }
  if (whole !== undefined) {
    const cells = at(whole, 'cells');
    const entries = Array.isArray(whole) ? whole : Array.isArray(cells) ? cells : [whole];
    for (const value of entries) yield { value, line: 1 };
    return;
  }
  for (const [index, line] of written.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (thrown) {
      throw new SeaworthyError('SW_FLOW_INVALID', `this line is no JSON: ${messageOf(thrown)}`, {
        hint: 'Give one JSON object a line, or one JSON list.',
        at: { file, line: index + 1 },
      });
    }
    yield { value, line: index + 1 };
  }
}

function plainFlow(value: unknown): WrittenFlow | 'skip' | undefined {
  if (!isRecord(value)) return undefined;
  const [from, to, port] = [text(value['from']), text(value['to']), number(value['port'])];
  if (from === undefined || to === undefined || port === undefined) return undefined;
  // A cell of a ProbeReport: only what went through is a flow.
  if (value['outcome'] !== undefined && value['outcome'] !== 'connected') return 'skip';
  const protocol = protocolOf(value['protocol'] ?? 'TCP');
  return protocol && validPort(port) ? { from, to, port, protocol } : undefined;
}

function validPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** The ends a written peer means; none when it is nobody who was read. */
function endsOf(
  written: string,
  analysis: NetworkAnalysis,
  position: { readonly file: string; readonly line: number },
): readonly FlowEnd[] {
  let query: PeerQuery;
  try {
    query = parsePeer(written);
  } catch (thrown) {
    throw new SeaworthyError('SW_FLOW_INVALID', messageOf(thrown), {
      hint: 'An end is ns/name, ns/, internet or a network.',
      at: position,
    });
  }
  switch (query.kind) {
    case 'workload': {
      const { namespace, name, workloadKind } = query;
      return analysis.workloads
        .filter(
          (workload) =>
            workload.namespace === namespace &&
            (workload.ref.name === name || workload.endpoints.some(({ pod }) => pod === name)) &&
            (workloadKind === undefined || workload.ref.kind === workloadKind),
        )
        .map((workload) => ({ kind: 'workload', workload }));
    }
    case 'namespace':
      return [{ kind: 'namespace', namespace: query.namespace }];
    case 'internet':
      return INTERNET_BLOCKS;
    case 'cidr': {
      const address = parseIp(query.cidr);
      const owner = analysis.workloads.find(({ endpoints }) =>
        endpoints.some(({ addresses }) => address !== undefined && addresses.includes(address)),
      );
      if (owner) return [{ kind: 'workload', workload: owner }];
      const cidr =
        parseCidr(query.cidr).kind === 'invalid' ? `${query.cidr}/${query.cidr.includes(':') ? 128 : 32}` : query.cidr;
      return [{ kind: 'block', cidr, except: [] }];
    }
    case 'service':
      return [];
  }
}
