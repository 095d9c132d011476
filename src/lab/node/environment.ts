import { at, list, record, records, stringMap, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** What environment variables and command lines may refer to. */
export interface EnvironmentSources {
  readonly pod: KubernetesObject;
  /** Addresses as they will be in status; the status itself comes later. */
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  readonly nodeName: string;
  /** Data of a ConfigMap or (decoded) Secret of the pod's namespace; undefined when there is none. */
  readonly dataOf: (kind: 'ConfigMap' | 'Secret', name: string) => Readonly<Record<string, string>> | undefined;
  /** Services of the pod's namespace, and `kubernetes` of the default one. */
  readonly services: readonly KubernetesObject[];
}

export type EnvironmentResult =
  | { readonly kind: 'ok'; readonly env: Readonly<Record<string, string>> }
  /** A ConfigMap, Secret or key is missing: the container waits with reason CreateContainerConfigError. */
  | { readonly kind: 'missing'; readonly message: string };

/** The environment of a container: services first, then envFrom, then env, each able to replace what came before. */
export function environmentOf(container: JsonRecord, sources: EnvironmentSources): EnvironmentResult {
  const env: Record<string, string> =
    at(sources.pod, 'spec', 'enableServiceLinks') === false
      ? serviceEnvironment(sources.services.filter((service) => service.metadata.namespace === 'default'))
      : serviceEnvironment(sources.services);
  for (const [, from] of records(container['envFrom'])) {
    for (const [field, kind] of REFERENCES) {
      const reference = record(from[`${field}Ref`]);
      const name = text(reference['name']);
      if (name === undefined) continue;
      const data = sources.dataOf(kind, name);
      if (!data && reference['optional'] !== true) return missing(kind, name);
      for (const [key, value] of Object.entries(data ?? {})) env[`${text(from['prefix']) ?? ''}${key}`] = value;
    }
  }
  for (const [, entry] of records(container['env'])) {
    const name = text(entry['name']);
    if (name === undefined) continue;
    const value = valueOf(entry, env, container, sources);
    if (value.kind === 'missing') return value;
    if (value.kind === 'ok') env[name] = value.value;
  }
  return { kind: 'ok', env };
}

type Value =
  | { readonly kind: 'ok'; readonly value: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'missing'; readonly message: string };

const REFERENCES = [
  ['configMap', 'ConfigMap'],
  ['secret', 'Secret'],
] as const;

function missing(kind: string, name: string): { readonly kind: 'missing'; readonly message: string } {
  return { kind: 'missing', message: `${kind.toLowerCase()} "${name}" not found` };
}

function valueOf(
  entry: JsonRecord,
  env: Readonly<Record<string, string>>,
  container: JsonRecord,
  sources: EnvironmentSources,
): Value {
  const from = record(entry['valueFrom']);
  for (const [field, kind] of REFERENCES) {
    const reference = from[`${field}KeyRef`];
    if (reference === undefined) continue;
    const [name, key] = [text(at(reference, 'name')) ?? '', text(at(reference, 'key')) ?? ''];
    const value = sources.dataOf(kind, name)?.[key];
    if (value !== undefined) return { kind: 'ok', value };
    if (at(reference, 'optional') === true) return { kind: 'absent' };
    return sources.dataOf(kind, name)
      ? { kind: 'missing', message: `couldn't find key ${key} in ${kind} ${name}` }
      : missing(kind, name);
  }
  const fieldPath = text(at(from, 'fieldRef', 'fieldPath'));
  if (fieldPath !== undefined) return { kind: 'ok', value: fieldValue(fieldPath, sources) };
  const resource = text(at(from, 'resourceFieldRef', 'resource'));
  if (resource !== undefined) {
    const [list, name] = resource.split('.');
    return { kind: 'ok', value: scalar(at(container, 'resources', list ?? '', name ?? '')) ?? '0' };
  }
  return { kind: 'ok', value: expand(text(entry['value']) ?? '', env) };
}

/** A field of the downward API, as text: `metadata.name`, `metadata.labels['app']`, `status.podIP`. */
export function fieldValue(path: string, sources: Omit<EnvironmentSources, 'dataOf' | 'services'>): string {
  const { pod } = sources;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return stringMap(pod.metadata[subscript[1] ?? ''])[subscript[2] ?? ''] ?? '';
  switch (path) {
    case 'status.podIP':
      return sources.podIPs[0] ?? '';
    case 'status.podIPs':
      return sources.podIPs.join(',');
    case 'status.hostIP':
      return sources.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return sources.hostIPs.join(',');
    case 'spec.nodeName':
      return sources.nodeName;
    case 'metadata.labels':
    case 'metadata.annotations':
      return Object.entries(stringMap(at(pod, ...path.split('.'))))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join('\n');
    default: {
      const value = at(pod, ...path.split('.'));
      return scalar(value) ?? '';
    }
  }
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? `${value}`
      : undefined;
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` the text `$(NAME)`; an unknown name stays as it is. */
export function expand(written: string, env: Readonly<Record<string, string>>): string {
  return written.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return env[name] ?? whole;
  });
}

/** `CART_SERVICE_HOST`, `CART_SERVICE_PORT` and `CART_SERVICE_PORT_HTTP` for each service with an address. */
export function serviceEnvironment(services: readonly KubernetesObject[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const service of services) {
    const address = text(at(service, 'spec', 'clusterIP'));
    if (address === undefined || address === '' || address === 'None') continue;
    const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
    env[`${prefix}_SERVICE_HOST`] = address;
    list(at(service, 'spec', 'ports')).forEach((port, index) => {
      const number = scalar(at(port, 'port')) ?? '';
      if (index === 0) env[`${prefix}_SERVICE_PORT`] = number;
      const name = text(at(port, 'name'));
      if (name !== undefined) env[`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`] = number;
    });
  }
  return env;
}
