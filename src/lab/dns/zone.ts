import { at, number, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
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
    names.set(record.name, [...(names.get(record.name) ?? []), record]);
    // Every name above one that exists exists too (RFC 8020).
    for (let name = record.name; name !== ''; name = name.slice(name.indexOf('.') + 1)) {
      exists.add(name);
      if (!name.includes('.')) break;
    }
  };
  const base = `svc.${sources.domain}`;
  for (const service of sources.services) {
    const name = `${service.metadata.name}.${service.metadata.namespace}.${base}`;
    const address = text(at(service, 'spec', 'clusterIP'));
    const external = text(at(service, 'spec', 'externalName'));
    if (external !== undefined && at(service, 'spec', 'type') === 'ExternalName') continue;
    if (address !== undefined && address !== 'None' && address !== '') {
      add({ type: 'A', name, address });
      reverse.set(address, name);
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
        const host = `${text(endpoint['hostname']) ?? ip.replaceAll('.', '-')}.${name}`;
        add({ type: 'A', name, address: ip });
        add({ type: 'A', name: host, address: ip });
        reverse.set(ip, host);
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
      const pointer = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
      if (pointer) {
        const target = reverse.get([pointer[4], pointer[3], pointer[2], pointer[1]].join('.'));
        return target === undefined ? NO_SUCH_NAME : { rcode: RCODE.ok, answers: [{ type: 'PTR', name, target }] };
      }
      if (name !== sources.domain && !name.endsWith(`.${sources.domain}`)) return NO_SUCH_NAME;
      const pod = /^(\d+)-(\d+)-(\d+)-(\d+)\.[a-z0-9-]+\.pod\./.exec(name);
      const found = pod ? [{ type: 'A' as const, name, address: pod.slice(1, 5).join('.') }] : (names.get(name) ?? []);
      if (found.length === 0 && !exists.has(name)) return NO_SUCH_NAME;
      return { rcode: RCODE.ok, answers: found.filter((record) => type === TYPE.ANY || TYPE[record.type] === type) };
    },
  };
}

const NO_SUCH_NAME: Reply = { rcode: RCODE.noSuchName, answers: [] };

function protocolOf(value: unknown): string {
  return (text(value) ?? 'TCP').toLowerCase();
}
