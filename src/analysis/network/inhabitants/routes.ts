import { at, list, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import { groupOf, refOf, type ObjectRef } from '../../../model/object.ts';
import { matches, parseSelector } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';

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
  readonly protocol: 'TCP' | 'UDP';
  /** Whether a number is a port of the Service or of the pods behind it; a name is always a Service port's. */
  readonly names: 'servicePort' | 'targetPort';
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
      protocol: resource.object.kind === 'UDPRoute' ? 'UDP' : 'TCP',
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

/** A Route's targetPort is a number of the pods or the name of a Service port, as endpoints carry it; without one every port counts. */
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

/** A route counts when a Gateway it names takes it, or when no Gateway was given at all. Other namespaces need a ReferenceGrant. */
function gatewayRoutes(snapshot: Snapshot, resource: Resource): readonly Route[] {
  const namespace = resource.object.metadata.namespace ?? 'default';
  const spec = record(resource.object['spec']);
  const anyGateway = snapshot.list(GATEWAY).length > 0;
  const attached = records(spec['parentRefs']).some(([, parent]) => {
    if ((parent['kind'] ?? 'Gateway') !== 'Gateway') return false;
    if (!anyGateway) return true;
    const gateway = snapshot.get(GATEWAY, text(parent['namespace']) ?? namespace, text(parent['name']) ?? '');
    return gateway !== undefined && takes(snapshot, gateway, parent, resource.object.kind, namespace);
  });
  if (!attached) return [];
  const backend = (raw: JsonRecord, path: Route['path']): readonly Route[] => {
    const target = text(raw['namespace']) ?? namespace;
    const isService = (raw['kind'] ?? 'Service') === 'Service' && (raw['group'] ?? '') === '';
    if (!isService || (target !== namespace && !isGranted(snapshot, resource, target, text(raw['name'])))) return [];
    return routeOf(resource, path, raw['name'], raw['port'], 'servicePort', target);
  };
  return records(spec['rules']).flatMap(([r, rule]) => {
    const path = ['spec', 'rules', r];
    return [
      ...records(rule['backendRefs']).flatMap(([b, entry]) => backend(entry, [...path, 'backendRefs', b])),
      // A mirror gets every request, too.
      ...records(rule['filters']).flatMap(([f, filter]) =>
        backend(record(at(filter, 'requestMirror', 'backendRef')), [
          ...path,
          'filters',
          f,
          'requestMirror',
          'backendRef',
        ]),
      ),
    ];
  });
}

const GATEWAY = 'Gateway.gateway.networking.k8s.io';
/** The listeners each kind of route may attach to. */
const PROTOCOLS_OF: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TCPRoute: ['TCP', 'TLS'],
  TLSRoute: ['TLS'],
  UDPRoute: ['UDP'],
};

/** Whether some listener of a Gateway takes a route: by section, protocol, and the namespaces it allows (its own by default). */
function takes(snapshot: Snapshot, gateway: Resource, parent: JsonRecord, kind: string, namespace: string): boolean {
  return records(at(gateway.object, 'spec', 'listeners')).some(([, listener]) => {
    if (parent['sectionName'] != null && parent['sectionName'] !== listener['name']) return false;
    if (parent['port'] != null && parent['port'] !== listener['port']) return false;
    if (!(PROTOCOLS_OF[kind] ?? []).includes(text(listener['protocol']) ?? '')) return false;
    const allowed = record(at(listener, 'allowedRoutes', 'namespaces'));
    switch (allowed['from'] ?? 'Same') {
      case 'All':
        return true;
      case 'Selector': {
        const parsed = parseSelector(allowed['selector']);
        const labels = stringMap(snapshot.get('Namespace', undefined, namespace)?.object.metadata.labels);
        return (
          parsed.kind === 'ok' && matches(parsed.selector, { ...labels, 'kubernetes.io/metadata.name': namespace })
        );
      }
      default:
        return namespace === (gateway.object.metadata.namespace ?? 'default');
    }
  });
}

function isGranted(snapshot: Snapshot, route: Resource, namespace: string, service: string | undefined): boolean {
  const from = route.object;
  return snapshot.list('ReferenceGrant.gateway.networking.k8s.io').some(({ object }) => {
    if (object.metadata.namespace !== namespace) return false;
    const fromMatches = records(at(object, 'spec', 'from')).some(
      ([, entry]) =>
        entry['group'] === groupOf(from.apiVersion) &&
        entry['kind'] === from.kind &&
        entry['namespace'] === (from.metadata.namespace ?? 'default'),
    );
    return (
      fromMatches &&
      list(at(object, 'spec', 'to')).some(
        (entry) => at(entry, 'kind') === 'Service' && (at(entry, 'name') ?? service) === service,
      )
    );
  });
}
