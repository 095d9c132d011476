import { at, records, text } from '../../../model/json.ts';
import { formatRef, refOf } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkAnalysis } from '../index.ts';
import type { PortSet, Protocol } from '../ports/ports.ts';
import { isHeadless, servicePorts, serviceTargets } from '../inhabitants/services.ts';

/** A port of a Service that leads to a pod: its own, or the one it has on every node. */
export interface ServiceDoor {
  readonly kind: 'service' | 'nodePort';
  readonly service: string;
  readonly address: string;
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
  const nodes = nodeAddresses(snapshot).slice(0, NODES);
  for (const service of snapshot.list('Service')) {
    const address = text(at(service.object, 'spec', 'clusterIP'));
    if (address === undefined || address === '' || isHeadless(service.object)) continue;
    for (const port of servicePorts(service.object)) {
      const { backends, unknown } = serviceTargets(snapshot, analysis, service, (candidate) => same(candidate, port));
      const workloads = new Set(backends.map(({ endpoint }) => endpoint.workload));
      if (unknown !== undefined || workloads.size !== 1) continue;
      for (const { endpoint, ports } of backends) {
        const { protocol, nodePort } = port;
        const about = { service: formatRef(refOf(service.object)), protocol, target: ports };
        const doors: readonly ServiceDoor[] = [
          { kind: 'service', ...about, address, port: port.port },
          ...(nodePort === undefined
            ? []
            : nodes.map((node) => ({ kind: 'nodePort' as const, ...about, address: node, port: nodePort }))),
        ];
        found.set(endpoint, [...(found.get(endpoint) ?? []), ...doors]);
      }
    }
  }
  return found;
}

/** Nodes whose port is dialled for one Service. */
const NODES = 2;

/** The addresses nodes are reached at inside the cluster. */
export function nodeAddresses(snapshot: Snapshot): readonly string[] {
  return snapshot.list('Node').flatMap(({ object }) => {
    const internal = records(at(object, 'status', 'addresses')).find(([, one]) => one['type'] === 'InternalIP');
    return text(internal?.[1]['address']) ?? [];
  });
}

function same(a: { readonly port: number; readonly protocol: Protocol }, b: typeof a): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}
