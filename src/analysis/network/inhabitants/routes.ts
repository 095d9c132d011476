import type { Because } from '../../../model/because.ts';
import { at, record, records, text } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import type { Gap, Resource, Snapshot } from '../../../model/snapshot.ts';
import { backendsOf, GATEWAY, GATEWAY_ROUTES, REFERENCE_GRANT } from './gateway-routes.ts';

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
  /** Why it is not known whether the route is in force. */
  readonly doubt?: Because;
}

const WAYS_IN = ['Service', 'EndpointSlice.discovery.k8s.io', 'Ingress.networking.k8s.io', 'Route.route.openshift.io'];

/** Gaps that leave open what leads from outside to the pods of a namespace, beside their own addresses. */
export function wayInGaps(snapshot: Snapshot, namespace: string): readonly Gap[] {
  // A Gateway's route may come from another namespace.
  return [...snapshot.gaps(WAYS_IN, namespace), ...snapshot.gaps([GATEWAY, ...GATEWAY_ROUTES, REFERENCE_GRANT])];
}

/** Every route of a snapshot, in the order read. */
export function readRoutes(snapshot: Snapshot): readonly Route[] {
  return [
    ...snapshot.list('Ingress.networking.k8s.io').flatMap(ingressRoutes),
    ...snapshot.list('Route.route.openshift.io').flatMap(openshiftRoutes),
    ...GATEWAY_ROUTES.flatMap((kind) =>
      snapshot
        .list(kind)
        .flatMap((resource) =>
          backendsOf(snapshot, resource).flatMap(({ path, name, port, namespace, doubt }) =>
            routeOf(resource, path, name, port, 'servicePort', namespace, doubt),
          ),
        ),
    ),
  ];
}

function routeOf(
  resource: Resource,
  path: Route['path'],
  service: unknown,
  port: unknown,
  names: Route['names'],
  namespace?: string,
  doubt?: Because,
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
      ...(doubt ? { doubt } : {}),
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
