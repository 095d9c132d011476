import { at, number, records, strings, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { familyOf, ofFamily, type IpFamily } from './ip.ts';

/** What the rules are made from: Services, EndpointSlices, and this node. */
export interface ServiceRuleSources {
  readonly services: readonly KubernetesObject[];
  readonly slices: readonly KubernetesObject[];
  readonly nodeName: string;
  readonly nodeAddresses: readonly string[];
  /** Where addresses of Services come from, a block for each family. */
  readonly serviceNetworks: readonly string[];
}

interface Backend {
  readonly address: string;
  readonly port: number;
  readonly node: string | undefined;
}

interface Frontend {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly address: string;
  readonly port: number;
  /** It is asked at the node's own address, and pods of other nodes answer too: their answers must come back here. */
  readonly throughNode: boolean;
  /** Endpoints of the address's own family. */
  readonly backends: readonly Backend[];
}

/** Connection mark of whoever came in through a node port whose pods may be on other nodes. */
const THROUGH_NODE = '0x1';
const TABLE = 'inet seaworthy_services';
/** What nftables calls the families: the header its addresses are read from, and their type. */
const NFT = { IPv4: { header: 'ip', type: 'ipv4_addr' }, IPv6: { header: 'ip6', type: 'ipv6_addr' } } as const;

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
  const chains = served.map(
    (frontend, index) => `  chain service-${index} {
    ${frontend.throughNode ? `ct mark set ${THROUGH_NODE} ` : ''}${dnat(frontend)}
  }`,
  );
  const families = sources.nodeAddresses.map(familyOf);
  const translate = families.map((family) => {
    const { header } = NFT[family];
    return `    ${header} daddr . meta l4proto . th dport vmap @frontends-${header}`;
  });
  const hairpin = families.map((family) => {
    const { header } = NFT[family];
    return `    ct status dnat ${header} saddr . ${header} daddr @hairpin-${header} masquerade`;
  });
  // A TCP client that is still in connect(2) heeds an ICMP error only when it tries again, a reset at once.
  const reject = families.flatMap((family) => {
    const { header } = NFT[family];
    const nobody = [
      `${header} daddr . meta l4proto . th dport @empty-${header}`,
      `${header} daddr ${ofFamily(sources.serviceNetworks, family)}`,
    ];
    return nobody.flatMap((match) => [`    ${match} meta l4proto tcp reject with tcp reset`, `    ${match} reject`]);
  });
  return `table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
${families.map((family) => sets(family, frontends, served)).join('\n')}
${chains.join('\n')}
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
${translate.join('\n')}
  }
  chain output {
    type nat hook output priority -100; policy accept;
${translate.join('\n')}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
${hairpin.join('\n')}
    ct mark ${THROUGH_NODE} masquerade
  }
  chain reject-forwarded {
    type filter hook forward priority -10; policy accept;
${reject.join('\n')}
  }
  chain reject-local {
    type filter hook output priority -10; policy accept;
${reject.join('\n')}
  }
}
`;
}

/** Who is asked at addresses of one family, which of them has nobody to answer, and who may ask itself. */
function sets(family: IpFamily, frontends: readonly Frontend[], served: readonly Frontend[]): string {
  const { header, type } = NFT[family];
  const ofThis = ({ address }: { readonly address: string }): boolean => familyOf(address) === family;
  const keyOf = ({ address, protocol, port }: Frontend): string => `${address} . ${protocol} . ${port}`;
  const targets = served.flatMap((frontend, index) =>
    ofThis(frontend) ? [`${keyOf(frontend)} : goto service-${index}`] : [],
  );
  const empty = frontends.filter((frontend) => ofThis(frontend) && frontend.backends.length === 0);
  const pods = new Set(served.flatMap(({ backends }) => backends.filter(ofThis).map(({ address }) => address)));
  return `  map frontends-${header} {
    type ${type} . inet_proto . inet_service : verdict
    ${elementsOf(targets)}
  }
  set empty-${header} {
    type ${type} . inet_proto . inet_service
    ${elementsOf(empty.map(keyOf))}
  }
  set hairpin-${header} {
    type ${type} . ${type}
    ${elementsOf([...pods].map((address) => `${address} . ${address}`))}
  }`;
}

function elementsOf(elements: readonly string[]): string {
  return elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
}

function dnat({ backends, protocol, address }: Frontend): string {
  const family = familyOf(address);
  const to = `meta l4proto ${protocol} dnat ${NFT[family].header} to`;
  const [only] = backends;
  if (backends.length === 1 && only) {
    const host = family === 'IPv6' ? `[${only.address}]` : only.address;
    return `${to} ${host}:${only.port}`;
  }
  const choices = backends.map((backend, index) => `${index} : ${backend.address} . ${backend.port}`).join(', ');
  return `${to} numgen random mod ${backends.length} map { ${choices} }`;
}

function frontendsOf(service: KubernetesObject, sources: ServiceRuleSources): readonly Frontend[] {
  return clusterIPsOf(service).flatMap((address) => {
    const nodeAddress = ofFamily(sources.nodeAddresses, familyOf(address));
    return nodeAddress === undefined ? [] : frontendsAt(address, nodeAddress, service, sources);
  });
}

/** Addresses of a Service: one of each of its families, and none of a headless one. */
function clusterIPsOf(service: KubernetesObject): readonly string[] {
  const all = strings(at(service, 'spec', 'clusterIPs'));
  const addresses = all.length > 0 ? all : [text(at(service, 'spec', 'clusterIP')) ?? ''];
  return addresses.filter((address) => address !== '' && address !== 'None');
}

function frontendsAt(
  address: string,
  nodeAddress: string,
  service: KubernetesObject,
  sources: ServiceRuleSources,
): readonly Frontend[] {
  const keepsClients = at(service, 'spec', 'externalTrafficPolicy') === 'Local';
  const localOnly = at(service, 'spec', 'internalTrafficPolicy') === 'Local';
  const slices = sources.slices.filter((slice) => (slice['addressType'] ?? 'IPv4') === familyOf(address));
  return records(at(service, 'spec', 'ports')).flatMap(([, written]): readonly Frontend[] => {
    const protocol = protocolOf(written['protocol']);
    const port = number(written['port']);
    if (protocol === undefined || port === undefined) return [];
    const all = backendsOf(service, text(written['name']) ?? '', slices);
    const here = all.filter((backend) => backend.node === sources.nodeName);
    const inside = { protocol, address, port, throughNode: false, backends: localOnly ? here : all };
    const nodePort = number(written['nodePort']);
    if (nodePort === undefined) return [inside];
    const backends = keepsClients ? here : all;
    return [inside, { protocol, address: nodeAddress, port: nodePort, throughNode: !keepsClients, backends }];
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
