import { at, list, record, records, text } from '../../model/json.ts';
import { refOf, type ObjectRef } from '../../model/object.ts';
import type { Resource, Snapshot } from '../../model/snapshot.ts';
import type { ServicePort } from './services.ts';

/** A way into the cluster that ends at a Service: an Ingress path, an OpenShift Route, a Gateway API route. */
export interface Route {
  readonly resource: Resource;
  readonly ref: ObjectRef;
  /** Where the backend stands in the object. */
  readonly path: readonly (string | number)[];
  readonly namespace: string;
  readonly service: string;
  /** The port it names; undefined when every port counts. */
  readonly port: number | string | undefined;
  /** Whether that is a port of the Service or one of the pods behind it. */
  readonly names: 'servicePort' | 'targetPort';
}

/** Whether a Service port is the one a route leads to. netpol-analyzer takes either end of the Service for any route. */
export function leadsTo({ port, names }: Route, candidate: ServicePort, eitherEnd: boolean): boolean {
  if (port === undefined) return true;
  if (candidate.name === port || candidate.port === port)
    return names === 'servicePort' || eitherEnd || candidate.name === port;
  return candidate.targetPort === port && (names === 'targetPort' || eitherEnd);
}

const GATEWAY_ROUTES = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map(
  (kind) => `${kind}.gateway.networking.k8s.io`,
);

/** Every route of a snapshot, in the order read. */
export function readRoutes(snapshot: Snapshot): readonly Route[] {
  return [
    ...snapshot.list('Ingress.networking.k8s.io').flatMap(ingressRoutes),
    ...snapshot.list('Route.route.openshift.io').flatMap(openshiftRoutes),
    ...GATEWAY_ROUTES.flatMap((kind) => snapshot.list(kind).flatMap((resource) => gatewayRoutes(snapshot, resource))),
  ];
}

function routeOf(
  resource: Resource,
  path: Route['path'],
  service: unknown,
  port: unknown,
  names: Route['names'],
  namespace?: string,
): readonly Route[] {
  const name = text(service);
  if (name === undefined) return [];
  return [
    {
      resource,
      ref: refOf(resource.object),
      path,
      namespace: namespace ?? resource.object.metadata.namespace ?? 'default',
      service: name,
      port: typeof port === 'number' || typeof port === 'string' ? port : undefined,
      names,
    },
  ];
}

function ingressRoutes(resource: Resource): readonly Route[] {
  const spec = record(resource.object['spec']);
  const backend = (raw: unknown, path: Route['path']): readonly Route[] => {
    const service = at(raw, 'service');
    // networking.k8s.io/v1, then the form of v1beta1 and extensions.
    if (service !== undefined)
      return routeOf(
        resource,
        path,
        at(service, 'name'),
        at(service, 'port', 'number') ?? at(service, 'port', 'name'),
        'servicePort',
      );
    return routeOf(resource, path, at(raw, 'serviceName'), at(raw, 'servicePort'), 'servicePort');
  };
  const fallback = spec['defaultBackend'] === undefined ? 'backend' : 'defaultBackend';
  return [
    ...backend(spec[fallback], ['spec', fallback]),
    ...records(spec['rules']).flatMap(([r, rule]) =>
      records(at(rule, 'http', 'paths')).flatMap(([p, path]) =>
        backend(path['backend'], ['spec', 'rules', r, 'http', 'paths', p, 'backend']),
      ),
    ),
  ];
}

/** A Route's targetPort names the Service's target port, or the Service port by name; without one every port counts. */
function openshiftRoutes(resource: Resource): readonly Route[] {
  const spec = record(resource.object['spec']);
  const wanted = at(spec, 'port', 'targetPort');
  return [
    ...(at(spec, 'to', 'kind') === 'Service' || at(spec, 'to', 'kind') === undefined
      ? routeOf(resource, ['spec', 'to'], at(spec, 'to', 'name'), wanted, 'targetPort')
      : []),
    ...records(spec['alternateBackends']).flatMap(([i, backend]) =>
      routeOf(resource, ['spec', 'alternateBackends', i], backend['name'], wanted, 'targetPort'),
    ),
  ];
}

/** A route counts when a Gateway it names exists here, or when no Gateway was given at all. Other namespaces need a ReferenceGrant. */
function gatewayRoutes(snapshot: Snapshot, resource: Resource): readonly Route[] {
  const namespace = resource.object.metadata.namespace ?? 'default';
  const spec = record(resource.object['spec']);
  const gateways = snapshot.list('Gateway.gateway.networking.k8s.io');
  const attached = records(spec['parentRefs']).some(([, parent]) => {
    if ((parent['kind'] ?? 'Gateway') !== 'Gateway') return false;
    return (
      gateways.length === 0 ||
      snapshot.get(
        'Gateway.gateway.networking.k8s.io',
        text(parent['namespace']) ?? namespace,
        text(parent['name']) ?? '',
      ) !== undefined
    );
  });
  if (!attached) return [];
  return records(spec['rules']).flatMap(([r, rule]) =>
    records(rule['backendRefs']).flatMap(([b, backend]) => {
      const target = text(backend['namespace']) ?? namespace;
      if (
        (backend['kind'] ?? 'Service') !== 'Service' ||
        (target !== namespace && !isGranted(snapshot, resource, target, text(backend['name'])))
      )
        return [];
      return routeOf(
        resource,
        ['spec', 'rules', r, 'backendRefs', b],
        backend['name'],
        backend['port'],
        'servicePort',
        target,
      );
    }),
  );
}

function isGranted(snapshot: Snapshot, route: Resource, namespace: string, service: string | undefined): boolean {
  const from = route.object;
  return snapshot.list('ReferenceGrant.gateway.networking.k8s.io').some(({ object }) => {
    if (object.metadata.namespace !== namespace) return false;
    const fromMatches = records(at(object, 'spec', 'from')).some(
      ([, entry]) => entry['kind'] === from.kind && entry['namespace'] === (from.metadata.namespace ?? 'default'),
    );
    return (
      fromMatches &&
      list(at(object, 'spec', 'to')).some(
        (entry) => at(entry, 'kind') === 'Service' && (at(entry, 'name') ?? service) === service,
      )
    );
  });
}
