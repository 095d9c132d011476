import { at, record, records, stringMap, text } from '../../../model/json.ts';
import { refId, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { PROFILES } from '../profiles/profile.ts';
import { routeBackends } from '../inhabitants/route-backends.ts';
import { readRoutes, type Route } from '../inhabitants/routes.ts';
import type { NetworkState } from './object-changes.ts';

/** A route and the Service through which it leads to a workload. */
export interface WayIn {
  readonly route: Route;
  readonly service: ObjectRef;
}

/** The ways through routes to each workload, by its `namespace/name[Kind]`. */
export function waysIn({ snapshot, analysis }: NetworkState): ReadonlyMap<string, readonly WayIn[]> {
  const { declaredPortsOnly } = PROFILES[analysis.profile];
  const found = new Map<string, WayIn[]>();
  for (const route of readRoutes(snapshot)) {
    const service = snapshot.get('Service', route.namespace, route.service);
    if (!service) continue;
    const backends = routeBackends(snapshot, analysis, route, declaredPortsOnly);
    for (const { id } of new Set(backends.map(({ endpoint }) => endpoint.workload))) {
      const way = { route, service: refOf(service.object) };
      const known = found.get(id);
      if (known) known.push(way);
      else found.set(id, [way]);
    }
  }
  return found;
}

/**
 * Everything a way depends on by name: the route, what it needs to be taken and to reach into another namespace, the
 * Service, and its endpoints where it has no selector.
 */
export function partsOf({ route, service }: WayIn, states: readonly NetworkState[]): readonly ObjectRef[] {
  const home = route.ref.namespace ?? 'default';
  const gateways = records(record(route.resource.object['spec'])['parentRefs']).map(([, parent]) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    namespace: text(parent['namespace']) ?? home,
    name: text(parent['name']) ?? '',
  }));
  const named = states.flatMap(({ snapshot }) => {
    const grants = route.namespace === home ? [] : snapshot.list('ReferenceGrant.gateway.networking.k8s.io');
    const slices = snapshot
      .list('EndpointSlice.discovery.k8s.io')
      .filter(({ object }) => stringMap(object.metadata.labels)['kubernetes.io/service-name'] === service.name);
    const legacy = snapshot.get('Endpoints', service.namespace, service.name);
    return [...grants, ...(selectsPods(service, snapshot) ? [] : [...slices, ...(legacy ? [legacy] : [])])]
      .map(({ object }) => refOf(object))
      .filter(({ namespace }) => namespace === route.namespace);
  });
  const all = [route.ref, ...gateways, service, ...named];
  return [...new Map(all.map((ref) => [refId(ref), ref])).values()];
}

/** The keys of labels by which the Services of some ways choose pods. */
export function selectorKeys(ways: readonly WayIn[], states: readonly NetworkState[]): ReadonlySet<string> {
  return new Set(
    states.flatMap(({ snapshot }) =>
      ways.flatMap(({ service }) =>
        Object.keys(selectorOf(snapshot.get('Service', service.namespace, service.name)?.object)),
      ),
    ),
  );
}

function selectsPods(service: ObjectRef, snapshot: NetworkState['snapshot']): boolean {
  return Object.keys(selectorOf(snapshot.get('Service', service.namespace, service.name)?.object)).length > 0;
}

function selectorOf(service: KubernetesObject | undefined): Readonly<Record<string, string>> {
  return stringMap(at(service, 'spec', 'selector'));
}
