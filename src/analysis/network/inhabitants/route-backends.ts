import type { Snapshot } from '../../../model/snapshot.ts';
import { intersectPorts, singlePort } from '../ports/ports.ts';
import type { Inhabitants } from './endpoints.ts';
import type { Route } from './routes.ts';
import { serviceTargets, type Backend, type ServicePort } from './services.ts';

/**
 * The pods a route leads to. Controllers connect to the endpoints of the Service, so what they use is the target port, of
 * a headless Service, too. `eitherEnd`: a port of either end of the Service counts for any route (netpol-analyzer).
 */
export function routeBackends(
  snapshot: Snapshot,
  inhabitants: Pick<Inhabitants, 'workloads'>,
  route: Route,
  eitherEnd = false,
): readonly Backend[] {
  const service = snapshot.get('Service', route.namespace, route.service);
  if (!service) return [];
  const wanted = (port: ServicePort): boolean => leadsTo(route, port, eitherEnd);
  const { backends } = serviceTargets(snapshot, inhabitants, service, wanted, 'targetPort');
  const { port, names, protocol } = route;
  if (names === 'servicePort' || typeof port !== 'number' || eitherEnd) return backends;
  return backends.map((backend) => ({ ...backend, ports: intersectPorts(backend.ports, singlePort(protocol, port)) }));
}

/** Whether a Service port is one a route may lead to; a target port with a name is a number only on the pod. */
function leadsTo({ port, names, protocol }: Route, candidate: ServicePort, eitherEnd: boolean): boolean {
  if (candidate.protocol !== protocol) return false;
  if (port === undefined || candidate.name === port) return true;
  if (eitherEnd) return candidate.port === port || candidate.targetPort === port;
  if (names === 'servicePort') return candidate.port === port;
  return typeof port === 'number' && (candidate.targetPort === port || typeof candidate.targetPort === 'string');
}
