import { formatIp, parseIp } from '../../analysis/network/addresses/ip.ts';
import { at, number, records, strings, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { addressBytes, familyOf } from '../network/ip.ts';
import { RCODE, TYPE, type DnsRecord, type Query, type Reply } from './message.ts';

/** What the cluster's names are made from. */
export interface ZoneSources {
  readonly domain: string;
  readonly services: readonly KubernetesObject[];
  readonly slices: readonly KubernetesObject[];
}

export interface Zone {
  answer(query: Pick<Query, 'name' | 'type'>): Reply;
}

/**
 * The names of kubernetes/dns specification 1.1: `service.namespace.svc.domain`, endpoints below headless Services,
 * `_port._protocol` for SRV, `10-244-1-7.namespace.pod.domain` for addresses. A name that exists without a record
 * of the type asked for gives an empty answer, not NXDOMAIN. Names outside the domain do not exist: the lab's world ends
 * with the lab.
 */
export function buildZone(sources: ZoneSources): Zone {
  const names = new Map<string, DnsRecord[]>();
  const reverse = new Map<string, string>();
  const exists = new Set<string>();
  const add = (record: DnsRecord): void => {
    const before = names.get(record.name) ?? [];
    // Endpoints of both families have one host name.
    if (before.some((known) => JSON.stringify(known) === JSON.stringify(record))) return;
    names.set(record.name, [...before, record]);
    // Every name above one that exists exists too (RFC 8020).
    for (let name = record.name; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
      exists.add(name);
      if (!name.includes('.')) break;
    }
  };
  const addAddress = (name: string, address: string): void => add(recordOf(name, address));
  const base = `svc.${sources.domain}`;
  for (const service of sources.services) {
    const name = `${service.metadata.name}.${service.metadata.namespace}.${base}`;
    const addresses = clusterIPsOf(service);
    const external = text(at(service, 'spec', 'externalName'));
    if (external !== undefined && at(service, 'spec', 'type') === 'ExternalName') continue;
    if (addresses.length > 0) {
      for (const address of addresses) {
        addAddress(name, address);
        reverse.set(reverseName(address), name);
      }
      for (const [, port] of records(at(service, 'spec', 'ports'))) {
        const portNumber = number(port['port']);
        const portName = text(port['name']);
        if (portName === undefined || portNumber === undefined) continue;
        add({
          type: 'SRV',
          name: `_${portName}._${protocolOf(port['protocol'])}.${name}`,
          port: portNumber,
          target: name,
        });
      }
      continue;
    }
    exists.add(name);
    const unready = at(service, 'spec', 'publishNotReadyAddresses') === true;
    for (const slice of sources.slices) {
      if (slice.metadata.namespace !== service.metadata.namespace) continue;
      if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service.metadata.name) continue;
      for (const [, endpoint] of records(slice['endpoints'])) {
        if (at(endpoint, 'conditions', 'ready') === false && !unready) continue;
        const ip = text(at(endpoint, 'addresses', 0));
        if (ip === undefined) continue;
        const host = `${text(endpoint['hostname']) ?? ip.replaceAll(/[.:]/g, '-')}.${name}`;
        addAddress(name, ip);
        addAddress(host, ip);
        reverse.set(reverseName(ip), host);
        for (const [, port] of records(slice['ports'])) {
          const portName = text(port['name']) ?? '';
          if (portName === '') continue;
          add({
            type: 'SRV',
            name: `_${portName}._${protocolOf(port['protocol'])}.${name}`,
            port: number(port['port']) ?? 0,
            target: host,
          });
        }
      }
    }
  }
  add({ type: 'A', name: `ns.dns.${sources.domain}`, address: '0.0.0.0' });

  return {
    answer({ name, type }) {
      if (/\.(in-addr|ip6)\.arpa$/.test(name)) {
        const target = reverse.get(name);
        return target === undefined ? NO_SUCH_NAME : { rcode: RCODE.ok, answers: [{ type: 'PTR', name, target }] };
      }
      if (name !== sources.domain && !name.endsWith(`.${sources.domain}`)) return NO_SUCH_NAME;
      const pod = addressOfPodName(name);
      const found: readonly DnsRecord[] = pod ? [recordOf(name, pod)] : (names.get(name) ?? []);
      if (found.length === 0 && !exists.has(name)) return NO_SUCH_NAME;
      return { rcode: RCODE.ok, answers: found.filter((record) => type === TYPE.ANY || TYPE[record.type] === type) };
    },
  };
}

/** A or AAAA, as the address is. */
function recordOf(name: string, address: string): DnsRecord {
  return { type: familyOf(address) === 'IPv6' ? 'AAAA' : 'A', name, address };
}

/** Addresses of a Service; a headless one has none. */
function clusterIPsOf(service: KubernetesObject): readonly string[] {
  return strings(at(service, 'spec', 'clusterIPs')).filter((address) => address !== 'None');
}

/** The name under which an address is looked up: `4.3.2.1.in-addr.arpa`, nibble by nibble below ip6.arpa (RFC 3596). */
function reverseName(address: string): string {
  const bytes = addressBytes(address);
  return bytes.length === 4
    ? `${[...bytes].reverse().join('.')}.in-addr.arpa`
    : `${bytes.toString('hex').split('').reverse().join('.')}.ip6.arpa`;
}

/** The address a name like `10-244-1-7.ns.pod.cluster.local` or `fd00-10-244-1--7.ns.pod…` is made of. */
function addressOfPodName(name: string): string | undefined {
  const dashed = /^([0-9a-f-]+)\.[a-z0-9-]+\.pod\./.exec(name)?.[1];
  if (dashed === undefined) return undefined;
  const value = parseIp(dashed.replaceAll('-', '.')) ?? parseIp(dashed.replaceAll('-', ':'));
  return value === undefined ? undefined : formatIp(value);
}

const NO_SUCH_NAME: Reply = { rcode: RCODE.noSuchName, answers: [] };

function protocolOf(value: unknown): string {
  return (text(value) ?? 'TCP').toLowerCase();
}
