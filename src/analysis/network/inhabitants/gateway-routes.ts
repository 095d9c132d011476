import { becauseOfGap, type Because } from '../../../model/because.ts';
import { at, list, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import { groupOf } from '../../../model/object.ts';
import { matches, parseSelector } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';

const GROUP = 'gateway.networking.k8s.io';
export const GATEWAY = `Gateway.${GROUP}`;
export const REFERENCE_GRANT = `ReferenceGrant.${GROUP}`;
/** The protocols of the listeners each kind of route may attach to. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TCPRoute: ['TCP', 'TLS'],
  TLSRoute: ['TLS'],
  UDPRoute: ['UDP'],
};
export const GATEWAY_ROUTES: readonly string[] = Object.keys(PROTOCOLS).map((kind) => `${kind}.${GROUP}`);

/** A Service some rule of a route leads to. */
export interface RouteBackend {
  readonly path: readonly (string | number)[];
  readonly name: unknown;
  readonly port: unknown;
  readonly namespace: string;
  /** Why it is not known whether requests are led there. */
  readonly doubt?: Because;
}

/** `no`, `yes`, or what would have to be read to know. */
type Answer = 'no' | 'yes' | Because;

/**
 * The backends of a route that a Gateway takes; of any route when no Gateway was given at all. Those in other namespaces
 * need a ReferenceGrant. Source: gateway-api, apis/v1 (ParentReference, Listener, AllowedRoutes) and apis/v1beta1.
 */
export function backendsOf(snapshot: Snapshot, route: Resource): readonly RouteBackend[] {
  const namespace = route.object.metadata.namespace ?? 'default';
  const spec = record(route.object['spec']);
  const parents = records(spec['parentRefs']).map(([, parent]) => attaches(snapshot, route, parent, namespace));
  const attached = parents.find((one) => one === 'yes') ?? parents.find((one) => one !== 'no') ?? 'no';
  if (attached === 'no') return [];
  const backend = (raw: JsonRecord, path: RouteBackend['path']): readonly RouteBackend[] => {
    if ((raw['kind'] ?? 'Service') !== 'Service' || (raw['group'] ?? '') !== '') return [];
    const target = text(raw['namespace']) ?? namespace;
    const granted = target === namespace ? 'yes' : isGranted(snapshot, route, target, text(raw['name']));
    if (granted === 'no') return [];
    const doubt = [attached, granted].find((answer) => typeof answer === 'object');
    return [{ path, name: raw['name'], port: raw['port'], namespace: target, ...(doubt ? { doubt } : {}) }];
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

function attaches(snapshot: Snapshot, route: Resource, parent: JsonRecord, namespace: string): Answer {
  if ((parent['kind'] ?? 'Gateway') !== 'Gateway') return 'no';
  const home = text(parent['namespace']) ?? namespace;
  const gateway = snapshot.get(GATEWAY, home, text(parent['name']) ?? '');
  if (!gateway) {
    const [gap] = snapshot.gaps([GATEWAY], home);
    if (gap) return becauseOfGap(gap);
    return snapshot.list(GATEWAY).length > 0 ? 'no' : 'yes';
  }
  const answers = records(at(gateway.object, 'spec', 'listeners')).map(([, listener]): Answer => {
    if (parent['sectionName'] != null && parent['sectionName'] !== listener['name']) return 'no';
    if (parent['port'] != null && parent['port'] !== listener['port']) return 'no';
    if (!takesKind(listener, route.object.kind) || !sharesName(listener, route)) return 'no';
    return takesNamespace(snapshot, listener, gateway, namespace);
  });
  return answers.find((answer) => answer === 'yes') ?? answers.find((answer) => answer !== 'no') ?? 'no';
}

function takesKind(listener: JsonRecord, kind: string): boolean {
  const kinds = records(at(listener, 'allowedRoutes', 'kinds'));
  return (
    (PROTOCOLS[kind] ?? []).includes(text(listener['protocol']) ?? '') &&
    (kinds.length === 0 || kinds.some(([, one]) => one['kind'] === kind && (one['group'] ?? GROUP) === GROUP))
  );
}

/** Whether a listener and a route have a host name in common; none written means every name. */
function sharesName(listener: JsonRecord, route: Resource): boolean {
  const own = text(listener['hostname']) ?? '';
  const wanted = list(at(route.object, 'spec', 'hostnames')).map(String);
  return own === '' || wanted.length === 0 || wanted.some((name) => meansName(own, name) || meansName(name, own));
}

/** `*.example.com` means names below example.com, of any depth. */
function meansName(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
}

/** The namespaces whose routes a listener takes: the Gateway's own by default. */
function takesNamespace(snapshot: Snapshot, listener: JsonRecord, gateway: Resource, namespace: string): Answer {
  const allowed = record(at(listener, 'allowedRoutes', 'namespaces'));
  const yes = (answer: boolean): Answer => (answer ? 'yes' : 'no');
  switch (allowed['from'] ?? 'Same') {
    case 'All':
      return 'yes';
    case 'Same':
      return yes(namespace === (gateway.object.metadata.namespace ?? 'default'));
    case 'Selector': {
      const parsed = parseSelector(allowed['selector']);
      if (parsed.kind !== 'ok') return 'no';
      const [gap] = snapshot.gaps(['Namespace']);
      const known = snapshot.get('Namespace', undefined, namespace);
      if (!known && gap && parsed.selector.some(({ key }) => key !== 'kubernetes.io/metadata.name'))
        return becauseOfGap(gap);
      const labels = { ...stringMap(known?.object.metadata.labels), 'kubernetes.io/metadata.name': namespace };
      return yes(matches(parsed.selector, labels));
    }
    default:
      return 'no';
  }
}

function isGranted(snapshot: Snapshot, route: Resource, namespace: string, service: string | undefined): Answer {
  const from = route.object;
  const granted = snapshot.list(REFERENCE_GRANT).some(({ object }) => {
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
  const [gap] = snapshot.gaps([REFERENCE_GRANT], namespace);
  return granted ? 'yes' : gap ? becauseOfGap(gap) : 'no';
}
