import { text, type JsonRecord } from '../../../model/json.ts';
import { UNKNOWN, type Path, type PolicyReader, type PortTerm, type Unknown } from './policy.ts';
import { portRange, type Protocol } from '../ports/ports.ts';
import { isPortName, isPortNumber, objectAt, readProtocol, type ReadOptions } from './read-network-policy.ts';

/** v1alpha1: portNumber, portRange or namedPort. */
export function readPortEntry(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  options: ReadOptions,
): PortTerm | Unknown {
  const entry = objectAt(reader, raw, path);
  const field = onlyField(entry);
  if (field === 'namedPort') return namedPort(reader, entry['namedPort'], [...path, field]);
  if (field !== 'portNumber' && field !== 'portRange') return unknownPort(reader, path);
  const at: Path = [...path, field];
  const value = objectAt(reader, entry[field], at);
  const protocol = readProtocol(reader, value['protocol'], [...at, 'protocol']) ?? 'TCP';
  const [from, to] = field === 'portNumber' ? [value['port'], value['port']] : [value['start'], value['end']];
  return numbers(reader, protocol, from, to, at, options);
}

/** v1alpha2: tcp, udp or sctp with a destinationPort, or destinationNamedPort. A protocol alone says nothing (`MinProperties=1`). */
export function readProtocolEntry(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  options: ReadOptions,
): PortTerm | Unknown {
  const entry = objectAt(reader, raw, path);
  const field = onlyField(entry);
  if (field === 'destinationNamedPort') return namedPort(reader, entry[field], [...path, field]);
  const protocol = ({ tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const)[field ?? ''];
  if (field === undefined || protocol === undefined) return unknownPort(reader, path);
  const at: Path = [...path, field];
  const value = objectAt(reader, entry[field], at);
  if (Object.keys(value).some((name) => name !== 'destinationPort')) return unknownPort(reader, at);
  if (value['destinationPort'] == null) return unknownPort(reader, at);
  const port = objectAt(reader, value['destinationPort'], [...at, 'destinationPort']);
  const range = objectAt(reader, port['range'], [...at, 'destinationPort', 'range']);
  if (port['number'] != null && port['range'] == null)
    return numbers(reader, protocol, port['number'], port['number'], at, options);
  if (port['range'] != null && port['number'] == null) {
    if (options.schema && range['start'] === range['end'])
      reader.error(
        'SW_POLICY_PORT_INVALID',
        [...at, 'destinationPort', 'range'],
        'a range ends above its start',
        'Write one port as number.',
      );
    return numbers(reader, protocol, range['start'], range['end'], at, options);
  }
  return unknownPort(reader, at);
}

/** The one member of a union that is written; undefined where none or several are. */
function onlyField(entry: JsonRecord): string | undefined {
  const [field, ...more] = Object.keys(entry).filter((name) => entry[name] != null);
  return more.length === 0 ? field : undefined;
}

function namedPort(reader: PolicyReader, raw: unknown, path: Path): PortTerm {
  const name = text(raw) ?? '';
  if (!isPortName(name))
    reader.error(
      'SW_POLICY_PORT_INVALID',
      path,
      `${JSON.stringify(raw)} is no port name`,
      'A name has at least one letter and no capitals.',
    );
  return { kind: 'named', name, path };
}

function numbers(
  reader: PolicyReader,
  protocol: Protocol,
  from: unknown,
  to: unknown,
  path: Path,
  options: ReadOptions,
): PortTerm {
  if (isPortNumber(from) && isPortNumber(to) && from <= to)
    return { kind: 'numbers', ports: portRange(protocol, from, to), path };
  const report = options.schema ? reader.error : reader.warn;
  report(
    'SW_POLICY_PORT_INVALID',
    path,
    `${JSON.stringify(from)} to ${JSON.stringify(to)} is no port range`,
    'Ports are 1 to 65535, the first not above the last.',
  );
  return { kind: 'numbers', ports: {}, path };
}

function unknownPort(reader: PolicyReader, path: Path): Unknown {
  reader.warn(
    'SW_POLICY_PEER_UNKNOWN',
    path,
    'nobody knows this kind of port',
    'The rule fails closed: allowing, it allows nothing; denying or passing, it denies everything.',
  );
  return UNKNOWN;
}
