import { list, record, type JsonRecord } from '../../../../model/json.ts';
import type { Direction, Path, PolicyReader, PolicyRule, PortTerm } from '../policy.ts';
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  portRange,
  subtractPorts,
  unionPorts,
  type PortSet,
  type Protocol,
} from '../../ports/ports.ts';
import { isPortNumber } from '../read-network-policy.ts';

const NUMBERS: Readonly<Record<string, Protocol>> = { '6': 'TCP', '17': 'UDP', '132': 'SCTP' };

/** The ports of a rule: protocol and destination. What is neither TCP, UDP nor SCTP matches none of their ports. */
export function calicoPorts(reader: PolicyReader, rule: JsonRecord, path: Path): PolicyRule['ports'] {
  const { ports, notPorts } = record(rule['destination']);
  const protocol = protocolOf(rule['protocol']);
  const not = protocolOf(rule['notProtocol']);
  if (rule['protocol'] == null && rule['notProtocol'] == null && ports == null && notPorts == null) return 'all';
  if (rule['protocol'] == null && (ports != null || notPorts != null)) {
    reader.error(
      'SW_POLICY_PORT_INVALID',
      [...path, 'destination', ports == null ? 'notPorts' : 'ports'],
      'ports need a protocol',
      'Set protocol to TCP, UDP or SCTP.',
    );
  }
  let base: PortSet = rule['protocol'] == null ? ALL_PORTS : protocol ? whole(protocol) : NO_PORTS;
  if (not) base = subtractPorts(base, whole(not));
  const without = portsOf(reader, notPorts, protocol, [...path, 'destination', 'notPorts']);
  for (const term of without) if (term.kind === 'numbers') base = subtractPorts(base, term.ports);
  if (ports == null) return [{ kind: 'numbers', ports: base, path }];
  return portsOf(reader, ports, protocol, [...path, 'destination', 'ports']).map((term) =>
    term.kind === 'numbers' ? { ...term, ports: intersectPorts(term.ports, base) } : term,
  );
}

/** What else a rule asks of the pod the policy is about; undefined when nothing. */
export function localRestriction(entity: JsonRecord, direction: Direction): string | undefined {
  const asked = ['selector', 'notSelector', 'namespaceSelector', 'nets', 'notNets', 'serviceAccounts'].filter(
    (field) => entity[field] != null,
  );
  const named = direction === 'ingress' && list(entity['notPorts']).some((port) => isName(port));
  if (asked.length === 0 && !named) return undefined;
  return `the ${direction === 'ingress' ? 'destination' : 'source'}'s ${[...asked, ...(named ? ['notPorts'] : [])].join(', ')}`;
}

function whole(protocol: Protocol): PortSet {
  return portRange(protocol);
}

function protocolOf(raw: unknown): Protocol | undefined {
  const written = String(raw).toUpperCase();
  return written === 'TCP' || written === 'UDP' || written === 'SCTP' ? written : NUMBERS[written];
}

function isName(port: unknown): boolean {
  return typeof port === 'string' && !/^\d+(:\d+)?$/.test(port);
}

/** Numbers, ranges written `8000:8080`, and names of container ports. */
function portsOf(reader: PolicyReader, raw: unknown, protocol: Protocol | undefined, path: Path): readonly PortTerm[] {
  return list(raw).flatMap((entry, index): PortTerm[] => {
    const at: Path = [...path, index];
    if (protocol === undefined) return [];
    if (typeof entry === 'string' && isName(entry)) return [{ kind: 'named', name: entry, protocol, path: at }];
    const [from, to = from] = String(entry).split(':').map(Number);
    if (isPortNumber(from) && isPortNumber(to) && from <= to)
      return [{ kind: 'numbers', ports: unionPorts(NO_PORTS, portRange(protocol, from, to)), path: at }];
    reader.error('SW_POLICY_PORT_INVALID', at, `${JSON.stringify(entry)} is no port`, 'Write 80, 8000:8080 or a name.');
    return [];
  });
}
