import { at, isRecord, list, number, strings, text, type JsonRecord } from '../../../model/json.ts';
import { protocolOf, type WrittenFlow } from './written-flow.ts';

/** What `hubble observe -o json` writes beside flows: events of the agent, and how many flows were lost. */
const OTHER_EVENTS = ['lost_events', 'node_status', 'agent_event', 'debug_event'];
/** Packets that went on, the second through Cilium's proxy. */
const PASSED = new Set(['FORWARDED', 'REDIRECTED']);
/** A node reaches its own pods whatever policies say, and the agents' health checks need no rule. */
const NO_RULE = ['reserved:host', 'reserved:health'];

/**
 * Reads a line of `hubble observe -o json` (GetFlowsResponse of Cilium's observer API): the packet that opens a connection and went
 * through. `skip` for everything else that Hubble writes; undefined when it is nothing of Hubble's.
 */
export function hubbleFlow(value: unknown): WrittenFlow | 'skip' | undefined {
  if (!isRecord(value)) return undefined;
  if (OTHER_EVENTS.some((event) => isRecord(value[event]))) return 'skip';
  const flow = isRecord(value['flow']) ? value['flow'] : value;
  // Also flows without a port: ARP, and protocols the agent does not take apart.
  if (!isRecord(flow['l4'])) return isRecord(value['flow']) ? 'skip' : undefined;
  if (!PASSED.has(text(flow['verdict']) ?? 'FORWARDED') || !opens(flow)) return 'skip';
  const [name] = Object.keys(flow['l4']);
  const protocol = protocolOf(name);
  const port = number(at(flow, 'l4', name ?? '', 'destination_port'));
  const [from, to] = [endOf(flow, 'source'), endOf(flow, 'destination')];
  if (!protocol || port === undefined || from === undefined || to === undefined) return 'skip';
  return { from, to, port, protocol };
}

/** Whether a packet goes from the client to the server. Where the agent could not tell, only TCP's first packet shows it. */
function opens(flow: JsonRecord): boolean {
  const reply = flow['is_reply'] ?? flow['reply'];
  if (typeof reply === 'boolean') return !reply;
  const flags = at(flow, 'l4', 'TCP', 'flags');
  if (isRecord(flags)) return flags['SYN'] === true && flags['ACK'] !== true;
  // A flow written by hand, or shortened.
  return flow['traffic_direction'] === undefined && flow['trace_observation_point'] === undefined;
}

function endOf(flow: JsonRecord, side: 'source' | 'destination'): string | undefined {
  if (strings(at(flow, side, 'labels')).some((label) => NO_RULE.includes(label))) return undefined;
  const namespace = text(at(flow, side, 'namespace'));
  const [workload] = list(at(flow, side, 'workloads'));
  const name = text(at(workload, 'name')) ?? text(at(flow, side, 'pod_name'));
  if (namespace !== undefined && name !== undefined) return `${namespace}/${name}`;
  return text(at(flow, 'IP', side));
}
