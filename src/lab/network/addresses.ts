import { addressIn, type IpFamily, type PerFamily } from './ip.ts';

/** What the lab's network is made of in one IP family. None of it exists on the host: all is in namespaces of the lab. */
export interface FamilyNetwork {
  readonly family: IpFamily;
  /** The bridge between the nodes. Its first address is the supervisor's, node N has the one 10 + N. */
  readonly nodes: string;
  /** Prefix length of `nodes`. */
  readonly nodesLength: number;
  readonly pods: string;
  readonly services: string;
  /** The part of `pods` that node N has. */
  readonly podsOf: (node: number) => string;
  /** Next hop of every pod: the near end of its own interface, so that all its packets pass the node's rules. */
  readonly podGateway: string;
  /** Outside the cluster, of a range kept for documentation: the lab plays "the internet" there, HTTP on port 80. */
  readonly outside: string;
  /** The wire between the supervisor and everybody outside. */
  readonly outsideWire: { readonly near: string; readonly far: string; readonly length: number };
}

export const IPV4: FamilyNetwork = {
  family: 'IPv4',
  nodes: '172.29.0.0/24',
  nodesLength: 24,
  pods: '10.244.0.0/16',
  services: '10.96.0.0/16',
  podsOf: (node) => `10.244.${node}.0/24`,
  podGateway: '169.254.1.1',
  outside: '203.0.113.10',
  outsideWire: { near: '169.254.77.1', far: '169.254.77.2', length: 30 },
};

export const IPV6: FamilyNetwork = {
  family: 'IPv6',
  nodes: 'fd00:172:29::/64',
  nodesLength: 64,
  pods: 'fd00:10:244::/56',
  services: 'fd00:10:96::/112',
  podsOf: (node) => `fd00:10:244:${node}::/64`,
  podGateway: 'fe80::1',
  outside: '2001:db8:113::10',
  outsideWire: { near: 'fd00:169:254:77::1', far: 'fd00:169:254:77::2', length: 126 },
};

/** The networks of a lab: IPv4, and IPv6 beside it in a dual-stack one. */
export function networksOf(families: readonly IpFamily[]): readonly FamilyNetwork[] {
  return [IPV4, IPV6].filter(({ family }) => families.includes(family));
}

export const API_PORT = 6443;
export const DNS_SERVICE_ADDRESS = addressIn(IPV4.services, 10);
export const CLUSTER_DOMAIN = 'cluster.local';
export const OUTSIDE_ADDRESS = IPV4.outside;
/** Name of the network namespace that plays everybody outside, and of the supervisor's end of the wire to it. */
export const OUTSIDE = 'outside';
/** Of the near end of every pod's interface: pods know it, and ask nobody. */
export const POD_GATEWAY_MAC = 'ee:ee:ee:ee:ee:ee';

/** The supervisor's own address on the bridge. */
export function supervisorAddress(network: FamilyNetwork): string {
  return addressIn(network.nodes, 1);
}

export interface NodePlan {
  readonly name: string;
  /** On the bridge between the nodes. */
  readonly addresses: PerFamily;
  /** Where the addresses of its pods are taken from. */
  readonly podCidrs: PerFamily;
  /**
   * Of its interface on the bridge. A node that was lost comes back under it: neighbours that remember another one would
   * not find it for half a minute.
   */
  readonly mac: string;
}

/** Node `worker-N` of the lab; N from 1. */
export function nodePlan(index: number, families: readonly IpFamily[]): NodePlan {
  return {
    name: `worker-${index}`,
    addresses: inEach(families, (network) => addressIn(network.nodes, 10 + index)),
    podCidrs: inEach(families, (network) => network.podsOf(index)),
    mac: `02:00:00:00:00:${String(10 + index)}`,
  };
}

/** Where the API server takes addresses of Services from. */
export function serviceCidrs(families: readonly IpFamily[]): PerFamily {
  return inEach(families, ({ services }) => services);
}

/** Where the API server listens. */
export function supervisorAddresses(families: readonly IpFamily[]): PerFamily {
  return inEach(families, supervisorAddress);
}

function inEach(families: readonly IpFamily[], of: (network: FamilyNetwork) => string): PerFamily {
  return families.includes('IPv6') ? [of(IPV4), of(IPV6)] : [of(IPV4)];
}
