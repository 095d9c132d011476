import { isRecord, records, text, type JsonRecord } from '../../../../model/json.ts';
import type { Path, PolicyReader, PolicyRule, PortTerm } from '../policy.ts';
import { MAX_PORT, portRange, PROTOCOLS } from '../../ports/ports.ts';
import { isPortName, isPortNumber, listAt, objectAt } from '../read-network-policy.ts';

export interface CiliumPorts {
  readonly ports: PolicyRule['ports'];
  /** What a proxy still decides inside the connections that are let through; undefined when nothing. */
  readonly inspects: string | undefined;
}

/** `toPorts` and `icmps` of a rule; ICMP is none of the ports of TCP, UDP and SCTP. */
export function ciliumPorts(reader: PolicyReader, rule: JsonRecord, path: Path): CiliumPorts {
  // An empty list asks for nothing.
  if (!isWritten(rule['toPorts'])) return { ports: isWritten(rule['icmps']) ? [] : 'all', inspects: undefined };
  const inspected = new Set<string>();
  const ports = listAt(reader, rule['toPorts'], [...path, 'toPorts']).flatMap((raw, index): readonly PortTerm[] => {
    const at: Path = [...path, 'toPorts', index];
    const entry = objectAt(reader, raw, at);
    if (isRecord(entry['rules'])) for (const layer of Object.keys(entry['rules'])) inspected.add(layer);
    if (records(entry['serverNames']).length > 0 || Array.isArray(entry['serverNames'])) inspected.add('serverNames');
    const written = listAt(reader, entry['ports'], [...at, 'ports']);
    if (written.length === 0)
      return PROTOCOLS.map((protocol) => ({ kind: 'numbers', ports: portRange(protocol), path: at }));
    return written.flatMap((port, i) => readPort(reader, port, [...at, 'ports', i]));
  });
  return { ports, inspects: inspected.size > 0 ? `its ${[...inspected].sort().join(', ')} rules` : undefined };
}

function isWritten(raw: unknown): boolean {
  return raw != null && !(Array.isArray(raw) && raw.length === 0);
}

/** A port is written as a text: a number, 0 for all, or a name; without a protocol it is any. */
function readPort(reader: PolicyReader, raw: unknown, path: Path): readonly PortTerm[] {
  const entry = objectAt(reader, raw, path);
  reader.onlyFields(entry, path, ['port', 'endPort', 'protocol']);
  const written = String(entry['port'] ?? '0');
  const protocol = (text(entry['protocol']) ?? 'ANY').toUpperCase();
  const protocols = protocol === 'ANY' || protocol === '' ? PROTOCOLS : PROTOCOLS.filter((known) => known === protocol);
  if (!/^\d+$/.test(written)) {
    if (isPortName(written.toLowerCase()))
      return protocols.map((known) => ({ kind: 'named', name: written, protocol: known, path }));
    return wrong(reader, path, written);
  }
  const from = Number(written);
  const to = entry['endPort'] == null || entry['endPort'] === 0 ? from : entry['endPort'];
  if (from === 0 && to === 0)
    return protocols.map((known) => ({ kind: 'numbers', ports: portRange(known, 1, MAX_PORT), path }));
  if (!isPortNumber(from) || !isPortNumber(to) || to < from) return wrong(reader, path, written);
  return protocols.map((known) => ({ kind: 'numbers', ports: portRange(known, from, to), path }));
}

function wrong(reader: PolicyReader, path: Path, port: string): readonly PortTerm[] {
  reader.error(
    'SW_POLICY_PORT_INVALID',
    path,
    `${JSON.stringify(port)} is no port`,
    'Write a number or a name in quotes.',
  );
  return [];
}
