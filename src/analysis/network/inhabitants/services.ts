import { at, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, type LabelSelector } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { containerPorts, standsBefore, type Endpoint, type Inhabitants, type NetworkWorkload } from './endpoints.ts';
import { parseIp, type IpValue } from '../addresses/ip.ts';
import { MAX_PORT, singlePort, unionPorts, type PortSet, type Protocol } from '../ports/ports.ts';

/** One port of a Service as a client sees it. */
export interface ServicePort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
  readonly targetPort: number | string;
  readonly nodePort: number | undefined;
}

/** A pod behind a Service with the ports a packet has there, after the Service's address was rewritten. */
export interface Backend {
  readonly endpoint: Endpoint;
  readonly workload: NetworkWorkload;
  readonly ports: PortSet;
}

export interface ServiceTargets {
  readonly backends: readonly Backend[];
  /** Addresses behind a Service without a selector that belong to no pod read. */
  readonly addresses: readonly { readonly value: IpValue; readonly ports: PortSet }[];
  /** Why the backends can't be known: an external name, a Service without a selector and without slices. */
  readonly unknown?: string;
}

export function servicePorts(service: KubernetesObject): readonly ServicePort[] {
  return records(at(service, 'spec', 'ports')).flatMap(([, raw]): ServicePort[] => {
    const { port, targetPort, nodePort, protocol = 'TCP' } = raw;
    if (typeof port !== 'number' || (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')) return [];
    const target = typeof targetPort === 'number' || typeof targetPort === 'string' ? targetPort : port;
    return [
      {
        name: text(raw['name']),
        port,
        protocol,
        targetPort: target === 0 ? port : target,
        nodePort: typeof nodePort === 'number' ? nodePort : undefined,
      },
    ];
  });
}

export function isHeadless(service: KubernetesObject): boolean {
  return at(service, 'spec', 'clusterIP') === 'None';
}

/**
 * The pods behind some ports of a Service. Policies see the pod's address and target port, never the Service's;
 * a headless Service rewrites nothing, so there the port of a client of its name is the pod's. Who reads the endpoints
 * uses the `targetPort`.
 */
export function serviceTargets(
  snapshot: Snapshot,
  inhabitants: Pick<Inhabitants, 'workloads'>,
  service: Resource,
  wanted: (port: ServicePort) => boolean,
  used: 'clientPort' | 'targetPort' = 'clientPort',
): ServiceTargets {
  const { object } = service;
  const spec = record(object['spec']);
  if (spec['type'] === 'ExternalName')
    return { backends: [], addresses: [], unknown: `it stands for the name ${text(spec['externalName']) ?? ''}` };
  const ports = servicePorts(object).filter(wanted);
  const selector = selectorOf(spec);
  if (!selector) return slicesOf(snapshot, inhabitants, object, ports);
  const namespace = object.metadata.namespace ?? 'default';
  const headless = used === 'clientPort' && isHeadless(object);
  const backends = inhabitants.workloads.flatMap((workload) =>
    workload.namespace !== namespace
      ? []
      : workload.endpoints.flatMap((endpoint): Backend[] => {
          if (!matches(selector, endpoint.labels)) return [];
          return [
            {
              endpoint,
              workload,
              ports: ports.reduce<PortSet>((sum, port) => unionPorts(sum, targetOn(endpoint, port, headless)), {}),
            },
          ];
        }),
  );
  return { backends, addresses: [] };
}

/** An empty selector selects nothing: such a Service has endpoints made by hand. */
function selectorOf(spec: JsonRecord): LabelSelector | undefined {
  const labels = Object.entries(stringMap(spec['selector']));
  if (labels.length === 0) return undefined;
  return labels.map(([key, value]) => ({ operator: 'In', key, values: [value] }));
}

function targetOn(endpoint: Endpoint, port: ServicePort, headless: boolean): PortSet {
  if (headless) return singlePort(port.protocol, port.port);
  if (typeof port.targetPort === 'number') return singlePort(port.protocol, port.targetPort);
  const named = containerPorts(endpoint.spec).find(
    ({ name, protocol }) => name === port.targetPort && protocol === port.protocol,
  );
  return named ? singlePort(port.protocol, named.port) : {};
}

function slicesOf(
  snapshot: Snapshot,
  inhabitants: Pick<Inhabitants, 'workloads'>,
  service: KubernetesObject,
  ports: readonly ServicePort[],
): ServiceTargets {
  const { name, namespace = 'default' } = service.metadata;
  const slices = snapshot
    .list('EndpointSlice.discovery.k8s.io')
    .filter(
      ({ object }) =>
        object.metadata.namespace === namespace &&
        stringMap(object.metadata.labels)['kubernetes.io/service-name'] === name,
    )
    .map(({ object }) => ({
      ports: records(object['ports']),
      addresses: records(object['endpoints']).flatMap(([, e]) => [e['addresses']].flat()),
    }));
  const legacy = snapshot.get('Endpoints', namespace, name);
  const subsets = legacy
    ? records(legacy.object['subsets']).map(([, subset]) => ({
        ports: records(subset['ports']),
        addresses: records(subset['addresses']).map(([, a]) => a['ip']),
      }))
    : [];
  const given = slices.length > 0 ? slices : subsets;
  if (given.length === 0)
    return { backends: [], addresses: [], unknown: 'it has no selector, and its endpoints were not given' };
  const byAddress = podsByAddress(inhabitants.workloads);
  const backends: Backend[] = [];
  const addresses: { value: IpValue; ports: PortSet }[] = [];
  for (const slice of given) {
    const open = slice.ports.reduce<PortSet>((sum, [, raw]) => {
      const { port, name: portName = '', protocol = 'TCP' } = raw;
      const wanted = ports.some((p) => (p.name ?? '') === portName && p.protocol === protocol);
      return wanted && isPort(port) ? unionPorts(sum, singlePort(protocol as Protocol, port)) : sum;
    }, {});
    for (const written of slice.addresses) {
      const value = parseIp(String(written));
      const pod = value === undefined ? undefined : byAddress.get(value);
      if (pod) backends.push({ ...pod, ports: open });
      else if (value !== undefined) addresses.push({ value, ports: open });
    }
  }
  return { backends, addresses };
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 && value <= MAX_PORT;
}

const BY_ADDRESS = new WeakMap<readonly NetworkWorkload[], ReadonlyMap<IpValue, Omit<Backend, 'ports'>>>();

/** The pod at each address, found once for all Services. */
function podsByAddress(workloads: readonly NetworkWorkload[]): ReadonlyMap<IpValue, Omit<Backend, 'ports'>> {
  const known = BY_ADDRESS.get(workloads);
  if (known) return known;
  const found = new Map<IpValue, Omit<Backend, 'ports'>>();
  for (const workload of workloads)
    for (const endpoint of workload.endpoints)
      for (const value of endpoint.addresses)
        if (standsBefore(endpoint, found.get(value)?.endpoint)) found.set(value, { endpoint, workload });
  BY_ADDRESS.set(workloads, found);
  return found;
}
