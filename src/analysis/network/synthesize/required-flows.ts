import { at, list, number, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import { formatRef, refOf } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import type { NetworkAnalysis, NetworkWorkload } from '../index.ts';
import type { PortSet } from '../ports/ports.ts';
import { PROTOCOLS } from '../ports/ports.ts';
import { routeBackends } from '../inhabitants/route-backends.ts';
import { readRoutes } from '../inhabitants/routes.ts';
import { servicePorts, serviceTargets, type Backend, type ServicePort } from '../inhabitants/services.ts';
import { distinctFlows, type Flow, type FlowEnd } from './flow.ts';

/**
 * The flows that the applications' own manifests ask for: Services named in environment, arguments and ConfigMaps of a
 * container; routes and Services that are open to the outside; webhooks. Kubelet probes need no rule: a pod's node always
 * reaches it.
 */
export function requiredFlows(snapshot: Snapshot, analysis: NetworkAnalysis): readonly Flow[] {
  return distinctFlows([
    ...analysis.workloads.flatMap((workload) => dialledBy(workload, snapshot, analysis)),
    ...routed(snapshot, analysis),
    ...published(snapshot, analysis),
    ...webhooks(snapshot, analysis),
  ]);
}

/** A Service found in some text, with the port written beside it. */
interface Mention {
  readonly service: Resource;
  readonly port: number | undefined;
}

function dialledBy(workload: NetworkWorkload, snapshot: Snapshot, analysis: NetworkAnalysis): readonly Flow[] {
  const [pod] = workload.endpoints;
  if (!pod || pod.hostNetwork) return [];
  return textsOf(pod.spec, workload.namespace, snapshot).flatMap(({ where, value, isHost }) =>
    mentions(value, isHost, workload.namespace, snapshot).flatMap(({ service, port }) =>
      toService(
        { kind: 'workload', workload },
        service,
        (candidate) => port === undefined || candidate.port === port,
        `${where} names Service ${service.object.metadata.namespace}/${service.object.metadata.name}`,
        snapshot,
        analysis,
      ),
    ),
  );
}

interface Text {
  readonly where: string;
  readonly value: string;
  /** The name of the variable says that its value is a host. */
  readonly isHost: boolean;
}

const HOST_NAME = /(HOST|URL|URI|ADDR|ADDRESS|ENDPOINT|SERVICE|SERVER|UPSTREAM|BACKEND|BROKERS?|DSN|TARGETS?)S?$/i;

/** Every text a container is started with, ConfigMaps it reads included; Secrets are never read. */
function textsOf(spec: JsonRecord, namespace: string, snapshot: Snapshot): readonly Text[] {
  const configMap = (name: unknown): Readonly<Record<string, string>> =>
    stringMap(snapshot.get('ConfigMap', namespace, text(name) ?? '')?.object['data']);
  const ofVariable = (where: string, name: string, value: string): Text => ({
    where: `${where} ${name}`,
    value,
    isHost: HOST_NAME.test(name),
  });
  return [...records(spec['containers']), ...records(spec['initContainers'])].flatMap(([, container]) => {
    const of = `container ${text(container['name']) ?? ''}`;
    const env = records(container['env']).flatMap(([, one]): readonly Text[] => {
      const name = text(one['name']) ?? '';
      const ref = at(one, 'valueFrom', 'configMapKeyRef');
      const value = text(one['value']) ?? configMap(at(ref, 'name'))[text(at(ref, 'key')) ?? ''];
      return value === undefined ? [] : [ofVariable(`${of}, variable`, name, value)];
    });
    const envFrom = records(container['envFrom']).flatMap(([, one]) =>
      Object.entries(configMap(at(one, 'configMapRef', 'name'))).map(([name, value]) =>
        ofVariable(`${of}, variable`, name, value),
      ),
    );
    const words = [...list(container['command']), ...list(container['args'])].flatMap((word) =>
      typeof word === 'string' ? [{ where: `${of}, argument`, value: word, isHost: false }] : [],
    );
    const mounted = records(spec['volumes']).flatMap(([, volume]) =>
      Object.entries(configMap(at(volume, 'configMap', 'name'))).map(([file, value]) => ({
        where: `ConfigMap file ${file}`,
        value,
        isHost: false,
      })),
    );
    return [...env, ...envFrom, ...words, ...mounted];
  });
}

const HOST = /(\/\/|@)?\b([a-z]([-a-z0-9]*[a-z0-9])?)((?:\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)(?::(\d{1,5}))?(?![-\w])/g;
const SCHEME_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * Services a text names: `name`, `name.namespace`, `name.namespace.svc…`, with `:PORT` or a scheme. A bare word that
 * happens to be the name of a Service counts only as a host in a URL, or where the variable is named for one.
 */
function mentions(value: string, isHost: boolean, namespace: string, snapshot: Snapshot): readonly Mention[] {
  return [...value.matchAll(HOST)].flatMap((found): readonly Mention[] => {
    const [whole, before, name = '', , rest = '', , port] = found;
    const parts = rest.split('.').slice(1);
    const [space, kind] = parts;
    const written = space === undefined ? namespace : kind === undefined || kind === 'svc' ? space : undefined;
    if (written === undefined) return [];
    const service = snapshot.get('Service', written, name);
    const explicit = before !== undefined || port !== undefined || kind === 'svc';
    if (!service || !(explicit || space !== undefined || (isHost && whole === value.trim()))) return [];
    const scheme = /([a-z]+):$/.exec(value.slice(0, found.index))?.[1] ?? '';
    const asked = port === undefined ? SCHEME_PORTS[scheme] : Number(port);
    // A default port that the Service does not have says nothing.
    const known = servicePorts(service.object).some((candidate) => candidate.port === asked);
    return [{ service, port: known ? asked : undefined }];
  });
}

/** Flows to every pod behind some ports of a Service. */
function toService(
  from: FlowEnd,
  service: Resource,
  wanted: (port: ServicePort) => boolean,
  says: string,
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
): readonly Flow[] {
  return toBackends(from, serviceTargets(snapshot, analysis, service, wanted).backends, says);
}

function toBackends(from: FlowEnd, backends: readonly Backend[], says: string): readonly Flow[] {
  return backends.flatMap(({ endpoint, workload, ports }) => {
    const self = from.kind === 'workload' && from.workload.id === workload.id;
    return self || endpoint.hostNetwork ? [] : flowsTo(from, workload, ports, says);
  });
}

function flowsTo(from: FlowEnd, workload: NetworkWorkload, ports: PortSet, says: string): readonly Flow[] {
  return PROTOCOLS.flatMap((protocol) =>
    (ports[protocol] ?? []).flatMap(([first, last]) =>
      // Ports of a Service are single ones.
      first === last ? [{ from, to: { kind: 'workload', workload } as const, port: first, protocol, says }] : [],
    ),
  );
}

const CONTROLLER =
  /^(ingress-nginx|nginx-ingress|traefik|haproxy-ingress|kubernetes-ingress|contour|envoy|emissary-ingress|kong|istio-ingressgateway|router)$/;

function routed(snapshot: Snapshot, analysis: NetworkAnalysis): readonly Flow[] {
  const controllers = analysis.workloads.filter(({ endpoints: [pod] }) =>
    [pod?.labels['app.kubernetes.io/name'], pod?.labels['app'], pod?.labels['istio']].some((name) =>
      CONTROLLER.test(name ?? ''),
    ),
  );
  const ends: readonly FlowEnd[] = controllers.some(({ endpoints: [pod] }) => pod?.hostNetwork !== true)
    ? [...new Set(controllers.map(({ namespace }) => namespace))].map((namespace) => ({ kind: 'namespace', namespace }))
    : [{ kind: 'anyone' }];
  return readRoutes(snapshot).flatMap((route) => {
    const backends = routeBackends(snapshot, analysis, route);
    return ends.flatMap((from) => toBackends(from, backends, `${formatRef(route.ref)} leads here`));
  });
}

/** LoadBalancer and NodePort Services: clients come with addresses of their own, or of a node. */
function published(snapshot: Snapshot, analysis: NetworkAnalysis): readonly Flow[] {
  return snapshot.list('Service').flatMap((service) => {
    const type = text(at(service.object, 'spec', 'type'));
    if (type !== 'LoadBalancer' && type !== 'NodePort') return [];
    const says = `${formatRef(refOf(service.object))} is open to the outside (${type})`;
    return toService({ kind: 'anyone' }, service, () => true, says, snapshot, analysis);
  });
}

function webhooks(snapshot: Snapshot, analysis: NetworkAnalysis): readonly Flow[] {
  return ['Validating', 'Mutating']
    .flatMap((kind) => snapshot.list(`${kind}WebhookConfiguration.admissionregistration.k8s.io`))
    .flatMap(({ object }) =>
      records(object['webhooks']).flatMap(([, webhook]) => {
        const called = record(at(webhook, 'clientConfig', 'service'));
        const service = snapshot.get('Service', text(called['namespace']), text(called['name']) ?? '');
        if (!service) return [];
        const port = number(called['port']) ?? 443;
        const says = `${formatRef(refOf(object))} calls it`;
        return toService({ kind: 'anyone' }, service, (one) => one.port === port, says, snapshot, analysis);
      }),
    );
}
