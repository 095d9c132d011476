import { at, number, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** What the rules are made from: Services, EndpointSlices, and this node. */
export interface ServiceRuleSources {
  readonly services: readonly KubernetesObject[];
  readonly slices: readonly KubernetesObject[];
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly serviceNetwork: string;
}

interface Backend {
  readonly address: string;
  readonly port: number;
  readonly node: string | undefined;
}

interface Frontend {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly key: string;
  /** It is asked at the node's own address, and pods of other nodes answer too: their answers must come back here. */
  readonly throughNode: boolean;
  readonly backends: readonly Backend[];
}

/** Connection mark of whoever came in through a node port whose pods may be on other nodes. */
const THROUGH_NODE = '0x1';
const TABLE = 'ip seaworthy_services';

/**
 * The nftables ruleset that makes Services work on one node: destination NAT in prerouting (for pods) and output (for
 * the node itself), a random endpoint for each new connection, rejection where there is none. It replaces the table
 * as a whole, in one transaction. A pod that reaches itself through a Service is masqueraded, as its answer would
 * otherwise never leave it; so is who comes in through a node port of a Service whose pods of other nodes may answer
 * (`externalTrafficPolicy: Cluster`).
 */
export function serviceRules(sources: ServiceRuleSources): string {
  const frontends = sources.services.flatMap((service) => frontendsOf(service, sources));
  const served = frontends.filter((frontend) => frontend.backends.length > 0);
  const empty = frontends.filter((frontend) => frontend.backends.length === 0);
  const chains = served.map(
    (frontend, index) => `  chain service-${index} {
    ${frontend.throughNode ? `ct mark set ${THROUGH_NODE} ` : ''}${dnat(frontend)}
  }`,
  );
  const elements = served.map((frontend, index) => `${frontend.key} : goto service-${index}`);
  const addresses = [...new Set(served.flatMap((frontend) => frontend.backends.map((backend) => backend.address)))];
  return `table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
  map frontends {
    type ipv4_addr . inet_proto . inet_service : verdict
    ${elementsOf(elements)}
  }
  set empty {
    type ipv4_addr . inet_proto . inet_service
    ${elementsOf(empty.map((frontend) => frontend.key))}
  }
  set hairpin {
    type ipv4_addr . ipv4_addr
    ${elementsOf(addresses.map((address) => `${address} . ${address}`))}
  }
${chains.join('\n')}
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr . meta l4proto . th dport vmap @frontends
  }
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr . meta l4proto . th dport vmap @frontends
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ct status dnat ip saddr . ip daddr @hairpin masquerade
    ct mark ${THROUGH_NODE} masquerade
  }
  chain reject-forwarded {
    type filter hook forward priority -10; policy accept;
    ip daddr . meta l4proto . th dport @empty reject
    ip daddr ${sources.serviceNetwork} reject
  }
  chain reject-local {
    type filter hook output priority -10; policy accept;
    ip daddr . meta l4proto . th dport @empty reject
    ip daddr ${sources.serviceNetwork} reject
  }
}
`;
}

function elementsOf(elements: readonly string[]): string {
  return elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
}

function dnat(frontend: Frontend): string {
  const { backends, protocol } = frontend;
  const target = (backend: Backend): string => `${backend.address} . ${backend.port}`;
  const [only] = backends;
  if (backends.length === 1 && only) return `meta l4proto ${protocol} dnat to ${only.address}:${only.port}`;
  const choices = backends.map((backend, index) => `${index} : ${target(backend)}`).join(', ');
  return `meta l4proto ${protocol} dnat to numgen random mod ${backends.length} map { ${choices} }`;
}

function frontendsOf(service: KubernetesObject, sources: ServiceRuleSources): readonly Frontend[] {
  const address = text(at(service, 'spec', 'clusterIP'));
  if (address === undefined || address === '' || address === 'None') return [];
  const keepsClients = at(service, 'spec', 'externalTrafficPolicy') === 'Local';
  const localOnly = at(service, 'spec', 'internalTrafficPolicy') === 'Local';
  return records(at(service, 'spec', 'ports')).flatMap(([, port]) => {
    const protocol = protocolOf(port['protocol']);
    const number_ = number(port['port']);
    if (protocol === undefined || number_ === undefined) return [];
    const all = backendsOf(service, text(port['name']) ?? '', sources.slices);
    const isHere = (backend: Backend): boolean => backend.node === sources.nodeName;
    const backends = localOnly ? all.filter(isHere) : all;
    const nodePort = number(port['nodePort']);
    return [
      { protocol, key: `${address} . ${protocol} . ${number_}`, throughNode: false, backends },
      ...(nodePort === undefined
        ? []
        : [
            {
              protocol,
              key: `${sources.nodeAddress} . ${protocol} . ${nodePort}`,
              throughNode: !keepsClients,
              backends: keepsClients ? all.filter(isHere) : all,
            },
          ]),
    ];
  });
}

/** Ready endpoints; when there are none, those that still serve while they end. */
function backendsOf(
  service: KubernetesObject,
  portName: string,
  slices: readonly KubernetesObject[],
): readonly Backend[] {
  const ready: Backend[] = [];
  const serving: Backend[] = [];
  for (const slice of slices) {
    if (slice.metadata.namespace !== service.metadata.namespace) continue;
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service.metadata.name) continue;
    const port = records(slice['ports']).find(([, candidate]) => (text(candidate['name']) ?? '') === portName)?.[1];
    const portNumber = number(port?.['port']);
    if (portNumber === undefined) continue;
    for (const [, endpoint] of records(slice['endpoints'])) {
      const address = text(at(endpoint, 'addresses', 0));
      if (address === undefined) continue;
      const backend = { address, port: portNumber, node: text(endpoint['nodeName']) };
      if (at(endpoint, 'conditions', 'ready') !== false) ready.push(backend);
      else if (at(endpoint, 'conditions', 'serving') === true) serving.push(backend);
    }
  }
  return ready.length > 0 ? ready : serving;
}

function protocolOf(value: unknown): Frontend['protocol'] | undefined {
  const name = (text(value) ?? 'TCP').toLowerCase();
  return name === 'tcp' || name === 'udp' || name === 'sctp' ? name : undefined;
}
