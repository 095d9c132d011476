import { at, list, records, text } from '../../../model/json.ts';
import { formatRef, refOf, type KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { familyOf, parseIp, type Family } from '../addresses/ip.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkAnalysis } from '../index.ts';
import type { PortSet, Protocol } from '../ports/ports.ts';
import { isHeadless, servicePorts, serviceTargets } from '../inhabitants/services.ts';

/** A port of a Service that leads to a pod: its own, or the one it has on every node. */
export interface ServiceDoor {
  readonly kind: 'service' | 'nodePort';
  readonly service: string;
  readonly address: string;
  readonly family: Family;
  readonly port: number;
  readonly protocol: Protocol;
  /** The ports it leads to on the pod. */
  readonly target: PortSet;
}

/**
 * The Services whose only backend is one pod, by that pod: dialled through a Service with several, nobody knows which
 * pod answers, unless all of them are alike.
 */
export function servicesByPod(
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
): ReadonlyMap<Endpoint, readonly ServiceDoor[]> {
  const found = new Map<Endpoint, readonly ServiceDoor[]>();
  const nodes = nodeAddresses(snapshot);
  for (const service of snapshot.list('Service')) {
    const addresses = clusterAddresses(service.object);
    if (addresses.length === 0 || isHeadless(service.object) || isLocal(service.object)) continue;
    for (const port of servicePorts(service.object)) {
      const { backends, unknown } = serviceTargets(snapshot, analysis, service, (candidate) => same(candidate, port));
      const workloads = new Set(backends.map(({ endpoint }) => endpoint.workload));
      if (unknown !== undefined || workloads.size !== 1 || backends.every(({ endpoint }) => isNotReady(endpoint)))
        continue;
      for (const { endpoint, ports } of backends) {
        const { protocol, nodePort } = port;
        const about = { service: formatRef(refOf(service.object)), protocol, target: ports };
        const doors = addresses.flatMap(({ address, family }): readonly ServiceDoor[] => [
          { kind: 'service', ...about, address, family, port: port.port },
          ...(nodePort === undefined
            ? []
            : nodes
                .filter((node) => node.family === family)
                .slice(0, NODES)
                .map((node) => ({ kind: 'nodePort' as const, ...about, ...node, port: nodePort }))),
        ]);
        found.set(endpoint, [...(found.get(endpoint) ?? []), ...doors]);
      }
    }
  }
  return found;
}

/** A Service that leads a client only to pods of some node, by its own port or that of nodes. */
function isLocal(service: KubernetesObject): boolean {
  return ['internalTrafficPolicy', 'externalTrafficPolicy'].some((field) => at(service, 'spec', field) === 'Local');
}

/** A pod no Service leads to, whatever policies say. */
function isNotReady({ source: { object } }: Endpoint): boolean {
  return records(at(object, 'status', 'conditions')).some(
    ([, { type, status }]) => type === 'Ready' && status !== 'True',
  );
}

/** Nodes whose port is dialled for one Service, in each family. */
const NODES = 2;

interface Address {
  readonly address: string;
  readonly family: Family;
}

/** The addresses nodes are reached at inside the cluster. */
function nodeAddresses(snapshot: Snapshot): readonly Address[] {
  return snapshot
    .list('Node')
    .flatMap(({ object }) =>
      records(at(object, 'status', 'addresses')).flatMap(([, { type, address }]) =>
        type === 'InternalIP' ? addressOf(address) : [],
      ),
    );
}

/** A Service's own addresses: one of each of its families. */
function clusterAddresses(service: KubernetesObject): readonly Address[] {
  const many = list(at(service, 'spec', 'clusterIPs'));
  return (many.length > 0 ? many : [at(service, 'spec', 'clusterIP')]).flatMap(addressOf);
}

function addressOf(written: unknown): readonly Address[] {
  const address = text(written) ?? '';
  const value = parseIp(address);
  return value === undefined ? [] : [{ address, family: familyOf(value) }];
}

function same(a: { readonly port: number; readonly protocol: Protocol }, b: typeof a): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}
