import type { Facts } from '../../../claims/facts.ts';
import { namespaceOf } from '../../../claims/facts.ts';
import { at, number, records, stringMap, strings, text } from '../../../model/json.ts';
import { formatRef, refId, refOf, type KubernetesObject } from '../../../model/object.ts';
import { containersOf } from '../../../model/pods.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isIPv6 } from '../connect.ts';
import type { Protocol } from './reach-cells.ts';

/** An address from which something leads to a port of a workload. */
export interface WayIn {
  /** The node of each pod when absent. */
  readonly host?: string;
  readonly port: number;
  /** What leads: `Service shop/gateway (node port)`. */
  readonly through: string;
  /** Somebody else may answer there, too. */
  readonly shared: boolean;
}

/** The ways that lead to a workload from outside. */
export interface WaysIn {
  readonly ways: readonly WayIn[];
  /** Ways that lead there by a name or path, which opening a connection does not show; one sentence each. */
  readonly untried: readonly string[];
}

/** Where somebody outside may come in to a port of a workload: Services that are open to the outside, and host ports. */
export function waysIn(facts: Facts, workload: Workload, port: number, protocol: Protocol): WaysIn {
  const nodes = facts.snapshot.list('Node').flatMap(({ object }) => addressesOf(object));
  const services = facts.snapshot
    .list('Service')
    .filter(({ object }) => object.metadata.namespace === namespaceOf(workload) && selects(object, workload))
    .flatMap(({ object }) => throughService(object, workload, { port, protocol }, nodes, facts));
  const hostPorts = portsOf(workload).filter((one) => one.port === port && one.protocol === protocol && one.hostPort);
  const throughNodes = hostPorts.map(({ hostPort }) => ({ port: hostPort ?? 0, through: 'host port', shared: false }));
  const untried = facts.network
    .exposures()
    .filter((way) => refId(way.workload) === refId(workload.ref) && ['Ingress', 'Gateway', 'Route'].includes(way.via))
    .map((way) => `the way to ${formatRef(workload.ref)} through ${formatRef(way.by)} was not tried`);
  return { ways: [...services, ...throughNodes], untried: [...new Set(untried)] };
}

function throughService(
  service: KubernetesObject,
  workload: Workload,
  door: { readonly port: number; readonly protocol: Protocol },
  nodes: readonly string[],
  facts: Facts,
): readonly WayIn[] {
  const shared = facts.workloads.some(
    (other) =>
      refId(other.ref) !== refId(workload.ref) &&
      namespaceOf(other) === namespaceOf(workload) &&
      selects(service, other),
  );
  const balancers = records(at(service, 'status', 'loadBalancer', 'ingress')).flatMap(
    ([, one]) => text(one['ip']) ?? [],
  );
  const external = [...balancers, ...strings(at(service, 'spec', 'externalIPs'))];
  // A node port answers in the families of its Service.
  const families = new Set(
    [...strings(at(service, 'spec', 'clusterIPs')), text(at(service, 'spec', 'clusterIP')) ?? ''].map(isIPv6),
  );
  return records(at(service, 'spec', 'ports')).flatMap(([, entry]): readonly WayIn[] => {
    if ((text(entry['protocol']) ?? 'TCP') !== door.protocol) return [];
    const target = entry['targetPort'] ?? entry['port'];
    const named = portsOf(workload).find(({ name }) => name !== undefined && name === target)?.port;
    if ((number(target) ?? named) !== door.port) return [];
    const name = formatRef(refOf(service));
    const nodePort = number(entry['nodePort']);
    const port = number(entry['port']) ?? 0;
    return [
      ...(nodePort === undefined
        ? []
        : nodes
            .filter((host) => families.has(isIPv6(host)))
            .map((host) => ({ host, port: nodePort, through: `${name} (node port)`, shared }))),
      ...external.map((host) => ({ host, port, through: `${name} (${host})`, shared })),
    ];
  });
}

function selects(service: KubernetesObject, { template }: Workload): boolean {
  const wanted = Object.entries(stringMap(at(service, 'spec', 'selector')));
  return wanted.length > 0 && wanted.every(([key, value]) => template.labels[key] === value);
}

function addressesOf(node: KubernetesObject): readonly string[] {
  return records(at(node, 'status', 'addresses')).flatMap(([, { type, address }]) =>
    type === 'InternalIP' || type === 'ExternalIP' ? (text(address) ?? []) : [],
  );
}

function portsOf(workload: Workload): readonly {
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly protocol: string;
  readonly hostPort: number | undefined;
}[] {
  return containersOf(workload.template.spec).flatMap(({ container }) =>
    records(container['ports']).map(([, entry]) => ({
      name: text(entry['name']),
      port: number(entry['containerPort']),
      protocol: text(entry['protocol']) ?? 'TCP',
      hostPort: number(entry['hostPort']),
    })),
  );
}
