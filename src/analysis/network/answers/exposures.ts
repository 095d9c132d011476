import { list, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { memoisedWeakly } from '../../../model/memoised.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { AddressSpace } from '../addresses/address-space.ts';
import type { Classes } from '../classes/classes.ts';
import type { Endpoint, Inhabitants } from '../inhabitants/endpoints.ts';
import { INTERNET, parseCidr, type IpRange } from '../addresses/ip.ts';
import { addressPeer } from '../rows/peer-sets.ts';
import { ALL_PORTS, isEmpty, singlePort, unionPorts, type PortSet, type Protocol } from '../ports/ports.ts';
import type { Questions } from './query.ts';
import { controllersOf } from './route-controllers.ts';
import { routeBackends } from '../inhabitants/route-backends.ts';
import { readRoutes, type Route } from '../inhabitants/routes.ts';
import { serviceTargets, type Backend } from '../inhabitants/services.ts';
import type { Exposure } from '../types.ts';

export interface ExposuresInput {
  readonly snapshot: Snapshot;
  readonly inhabitants: Inhabitants;
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly questions: Questions;
}

const ROUTE_KINDS: Readonly<Record<string, Exposure['via']>> = { Ingress: 'Ingress', Route: 'Route' };

/** Every way from outside to a workload: through Services, routes, and ports of the node itself. */
export function listExposures(input: ExposuresInput): readonly Exposure[] {
  return [...byServices(input), ...byRoutes(input), ...byNodePorts(input)];
}

function byServices(input: ExposuresInput): readonly Exposure[] {
  const { snapshot, inhabitants } = input;
  return snapshot.list('Service').flatMap((service) => {
    const spec = record(service.object['spec']);
    const ways: Exposure['via'][] = [];
    if (spec['type'] === 'LoadBalancer' && !isInternal(service.object)) ways.push('LoadBalancer');
    // allocateLoadBalancerNodePorts: false leaves a load balancer without node ports.
    if (spec['type'] === 'NodePort') ways.push('NodePort');
    if (list(spec['externalIPs']).length > 0) ways.push('externalIPs');
    if (ways.length === 0) return [];
    const { backends } = serviceTargets(snapshot, inhabitants, service, () => true);
    const keepsSource = spec['externalTrafficPolicy'] === 'Local';
    const clients = sourceRanges(spec);
    return ways.flatMap((via) =>
      perWorkload(backends).map(([workload, ports]) =>
        exposure(
          input,
          workload,
          via,
          refOf(service.object),
          ports,
          keepsSource,
          via === 'LoadBalancer' ? clients : [],
        ),
      ),
    );
  });
}

/** Annotations by which clouds keep a load balancer inside their network, with the values that do. */
const INTERNAL: Readonly<Record<string, RegExp>> = {
  'service.beta.kubernetes.io/aws-load-balancer-internal': /^(true|0\.0\.0\.0\/0)$/i,
  'service.beta.kubernetes.io/aws-load-balancer-scheme': /^internal$/i,
  'service.beta.kubernetes.io/azure-load-balancer-internal': /^true$/i,
  'networking.gke.io/load-balancer-type': /^internal$/i,
  'cloud.google.com/load-balancer-type': /^internal$/i,
  'service.beta.kubernetes.io/openstack-internal-load-balancer': /^true$/i,
  'service.beta.kubernetes.io/oci-load-balancer-internal': /^true$/i,
};

function isInternal({ metadata }: KubernetesObject): boolean {
  return Object.entries(INTERNAL).some(([key, value]) => value.test(metadata.annotations?.[key] ?? ''));
}

/** The only clients a load balancer lets in; none written means everybody. */
function sourceRanges(spec: JsonRecord): readonly IpRange[] {
  return strings(spec['loadBalancerSourceRanges']).flatMap((written) => {
    const parsed = parseCidr(written.trim());
    return parsed.kind === 'invalid' ? [] : [parsed.range];
  });
}

function byRoutes(input: ExposuresInput): readonly Exposure[] {
  const { snapshot, inhabitants } = input;
  return readRoutes(snapshot).flatMap((route) =>
    perWorkload(routeBackends(snapshot, inhabitants, route)).map(([workload, ports]): Exposure => {
      const { verdict, because } = throughController(input, route, workload, ports);
      const via = ROUTE_KINDS[route.ref.kind] ?? 'Gateway';
      const service = { apiVersion: 'v1', kind: 'Service', namespace: route.namespace, name: route.service };
      return { workload: workload.ref, via, by: route.ref, service, ports, verdict, because };
    }),
  );
}

/** hostPort and hostNetwork: the node's own address leads to the pod. */
function byNodePorts(input: ExposuresInput): readonly Exposure[] {
  return input.inhabitants.workloads.flatMap((workload) => {
    const door = doorOnNode(workload.endpoints);
    return door ? [exposure(input, workload, door.via, workload.ref, door.ports, true)] : [];
  });
}

/** Pods of workloads that stay are the same objects in a later state, and there are many. */
const doorOnNode = memoisedWeakly((endpoints: readonly Endpoint[]): Pick<Exposure, 'via' | 'ports'> | undefined => {
  if (endpoints.some(({ hostNetwork }) => hostNetwork)) return { via: 'hostNetwork', ports: ALL_PORTS };
  const ports = endpoints.reduce<PortSet>((sum, endpoint) => unionPorts(sum, hostPorts(endpoint)), {});
  return isEmpty(ports) ? undefined : { via: 'hostPort', ports };
});

/** Ports of containers and sidecars that the node hands on; not those it takes from itself only. */
function hostPorts({ spec }: Endpoint): PortSet {
  const sidecars = records(spec['initContainers']).filter(([, { restartPolicy }]) => restartPolicy === 'Always');
  const ports = [...records(spec['containers']), ...sidecars].flatMap(([, container]) => records(container['ports']));
  return ports.reduce<PortSet>((sum, [, { containerPort, hostPort, hostIP, protocol }]) => {
    if (typeof containerPort !== 'number' || typeof hostPort !== 'number' || hostPort === 0) return sum;
    if (/^(127\.|::1$)/.test(text(hostIP) ?? '')) return sum;
    return unionPorts(sum, singlePort((text(protocol) ?? 'TCP') as Protocol, containerPort));
  }, {});
}

type Workload = Inhabitants['workloads'][number];

function perWorkload(backends: readonly Backend[]): readonly (readonly [Workload, PortSet])[] {
  const found = new Map<Workload, PortSet>();
  for (const { workload, ports } of backends) found.set(workload, unionPorts(found.get(workload) ?? {}, ports));
  return [...found].filter(([, ports]) => !isEmpty(ports));
}

/**
 * What policies see as the source: the client itself when the address is kept, else a node, and whether policies
 * apply to that is left to the implementation.
 */
function exposure(
  input: ExposuresInput,
  workload: Workload,
  via: Exposure['via'],
  by: ObjectRef,
  ports: PortSet,
  keepsSource: boolean,
  clients: readonly IpRange[] = [],
): Exposure {
  const sources = clients.length === 0 ? everybody(input.space) : internetPeers(input.space, clients);
  if (sources.length === 0) {
    const says = 'loadBalancerSourceRanges names no address of the internet';
    return {
      workload: workload.ref,
      via,
      by,
      ports,
      verdict: 'denied',
      because: [{ kind: 'field', object: by, path: 'spec.loadBalancerSourceRanges', says }],
    };
  }
  const answer = input.questions.judgePods(sources, classIndexes(input, workload), ports);
  if (keepsSource || answer.verdict === 'allowed')
    return { workload: workload.ref, via, by, ports, verdict: answer.verdict, because: answer.because };
  if (answer.verdict === 'unknown')
    return { workload: workload.ref, via, by, ports, verdict: 'unknown', because: answer.because };
  return {
    workload: workload.ref,
    via,
    by,
    ports,
    verdict: 'implementationDefined',
    because: [
      {
        kind: 'parameter',
        parameter: 'sourceRewriting',
        says: 'externalTrafficPolicy is Cluster: the packet comes from a node, and some implementations let node traffic through',
      },
      ...answer.because,
    ],
  };
}

/**
 * What the controllers that serve a route may reach. Where none shows, which pod does is not known: what is open to everybody in
 * the cluster is open to it.
 */
function throughController(
  input: ExposuresInput,
  route: Route,
  workload: Workload,
  ports: PortSet,
): Pick<Exposure, 'verdict' | 'because'> {
  if (route.doubt) return { verdict: 'unknown', because: [route.doubt] };
  const { controller } = input.classes;
  if (controller === undefined) return { verdict: 'unknown', because: [] };
  const targets = classIndexes(input, workload);
  const known = controllersOf(input.snapshot, input.inhabitants.workloads, route);
  if (known.length > 0)
    return input.questions.judgePods(
      known.flatMap((one) => classIndexes(input, one)),
      targets,
      ports,
    );
  const answer = input.questions.judgePods([controller], targets, ports);
  if (answer.verdict !== 'denied') return answer;
  // The policy may name the namespace or labels of the real controller.
  return {
    verdict: 'unknown',
    because: [
      {
        kind: 'absence',
        of: 'ingress controller',
        says: 'which pod serves the route is not known; a pod without labels would be denied',
      },
      ...answer.because,
    ],
  };
}

function classIndexes(input: ExposuresInput, workload: Workload): readonly number[] {
  return (input.classes.ofWorkload[workload.index] ?? []).map(({ index }) => index);
}

/** Everybody outside, by class of address. */
const everybody = memoisedWeakly((space: AddressSpace) => internetPeers(space, []));

/** Classes of internet addresses; with `clients`, those that overlap one of these ranges. */
function internetPeers(space: AddressSpace, clients: readonly IpRange[]): readonly number[] {
  const hit = new Set<number>();
  for (const interval of space.intervals) {
    const reachable = INTERNET.some((range) => {
      const both = overlap(range, interval);
      return both !== undefined && (clients.length === 0 || clients.some((client) => overlap(client, both)));
    });
    if (reachable) hit.add(interval.address);
  }
  return [...hit].map(addressPeer);
}

function overlap(a: IpRange, b: IpRange): IpRange | undefined {
  if (typeof a.from !== typeof b.from) return undefined;
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to < b.to ? a.to : b.to;
  return from <= to ? { from, to } : undefined;
}
