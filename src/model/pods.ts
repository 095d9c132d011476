import { at, isRecord, type JsonRecord, list, record, records, stringMap, text } from './json.ts';
import { kindKey, type KubernetesObject } from './object.ts';
import type { Labels } from './selectors.ts';

/** A pod as written in a Pod or in the template of a workload. `spec` is raw. */
export interface PodTemplate {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: JsonRecord;
  /** Where the pod's metadata and spec stand inside the object: `[]` for a Pod, `['spec', 'template']` for a Deployment. */
  readonly path: readonly string[];
}

/** Path from the object to its pod template, per kind that makes pods. */
const TEMPLATE_PATH: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  ReplicationController: ['spec', 'template'],
  'Deployment.apps': ['spec', 'template'],
  'ReplicaSet.apps': ['spec', 'template'],
  'StatefulSet.apps': ['spec', 'template'],
  'DaemonSet.apps': ['spec', 'template'],
  'Job.batch': ['spec', 'template'],
  'CronJob.batch': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The kinds that run pods, top of the owner chain first. */
export const WORKLOAD_KINDS = Object.keys(TEMPLATE_PATH).filter((kind) => kind !== 'PodTemplate');

/** The pod an object is or makes; undefined for kinds that make none and for templates without a spec. */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  const path = TEMPLATE_PATH[kindKey(object.apiVersion, object.kind)];
  if (!path) return undefined;
  const template = at(object, ...path);
  if (!isRecord(template) || !isRecord(template['spec'])) return undefined;
  const metadata = record(template['metadata']);
  return {
    labels: stringMap(metadata['labels']),
    annotations: stringMap(metadata['annotations']),
    spec: template['spec'],
    path,
  };
}

/** The lists of containers of a pod. */
export type ContainerList = 'containers' | 'initContainers' | 'ephemeralContainers';

/** A container with its place in the pod. */
export interface ContainerEntry {
  readonly list: ContainerList;
  readonly index: number;
  readonly name: string;
  readonly container: JsonRecord;
  /** From the pod's spec: `['initContainers', 0]`. */
  readonly path: readonly (string | number)[];
}

/** Every container of a pod: init containers first, as they run, then containers, then ephemeral ones. */
export function containersOf(spec: JsonRecord): readonly ContainerEntry[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((name) =>
    records(spec[name]).map(([index, container]) => ({
      list: name,
      index,
      name: text(container['name']) ?? String(index),
      container,
      path: [name, index],
    })),
  );
}

/** A pod that has ended keeps its address in status while the address may already be another pod's. */
export function isCompleted(pod: KubernetesObject): boolean {
  const phase = at(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Addresses of a live pod, one per family, from `status.podIPs` (or the older `status.podIP`). */
export function podIPs(pod: KubernetesObject): readonly string[] {
  const { podIPs: many, podIP: one } = record(pod['status']);
  return addressesOf(many, one);
}

/** Addresses of the node of a live pod, likewise. */
export function hostIPs(pod: KubernetesObject): readonly string[] {
  const { hostIPs: many, hostIP: one } = record(pod['status']);
  return addressesOf(many, one);
}

function addressesOf(many: unknown, one: unknown): readonly string[] {
  const found: string[] = [];
  for (const entry of list(many)) {
    const ip = text(record(entry)['ip']);
    if (ip !== undefined) found.push(ip);
  }
  if (found.length === 0 && typeof one === 'string' && one !== '') found.push(one);
  return found;
}

/**
 * A pod as it would be with only some of its own addresses and its node's: policies may say one thing of its IPv4
 * packets and another of its IPv6 packets, and an answer about such a pod is about one family.
 */
export function withAddresses(pod: KubernetesObject, keep: (ip: string) => boolean): KubernetesObject {
  const own = podIPs(pod).filter(keep);
  const hosts = hostIPs(pod).filter(keep);
  const written = (ips: readonly string[]): readonly JsonRecord[] => ips.map((ip) => ({ ip }));
  const status = {
    ...record(pod['status']),
    podIP: own[0],
    podIPs: written(own),
    hostIP: hosts[0],
    hostIPs: written(hosts),
  };
  return { ...pod, status };
}

/** Whether a pod or a node has the condition Ready with status True. */
export function isReady(object: unknown): boolean {
  return records(at(object, 'status', 'conditions')).some(([, c]) => c['type'] === 'Ready' && c['status'] === 'True');
}

const MESH_PROXIES = ['istio-proxy', 'linkerd-proxy'];

/**
 * The proxy of a mesh that takes over what a pod connects to: it accepts each connection itself, so that one opened in the
 * pod shows nothing of the far end. Seen by its container (Istio's sidecar, Linkerd) or what Istio's ambient mode notes.
 */
export function meshProxyOf(pod: KubernetesObject): string | undefined {
  const sidecar = containersOf(record(at(pod, 'spec'))).find(({ name }) => MESH_PROXIES.includes(name));
  if (sidecar) return sidecar.name;
  return pod.metadata.annotations?.['ambient.istio.io/redirection'] === 'enabled' ? 'ztunnel' : undefined;
}
