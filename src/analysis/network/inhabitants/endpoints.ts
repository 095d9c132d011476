import { at, isRecord, list, record, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../model/object.ts';
import { podIPs, type PodTemplate } from '../../../model/pods.ts';
import type { Labels } from '../../../model/selectors.ts';
import type { Resource } from '../../../model/snapshot.ts';
import { parseIp, type IpValue } from '../addresses/ip.ts';
import type { NetworkNamespace } from './namespaces.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Protocol } from '../ports/ports.ts';

/** A pod that can take part in a connection: a live one, or the one a workload's template describes. */
export interface Endpoint {
  readonly workload: WorkloadIdentity;
  readonly labels: Labels;
  /** The labels, and what policies of CNIs and meshes select by beside them: service account, enrolment in the mesh. */
  readonly identity: Labels;
  readonly spec: JsonRecord;
  /** Addresses in the families of the profile; none for a template. */
  readonly addresses: readonly IpValue[];
  readonly hostNetwork: boolean;
  readonly node: string | undefined;
  /** Name of the live pod; undefined for a template. */
  readonly pod: string | undefined;
  /** What it was read from. */
  readonly source: Resource;
}

/** The top of an owner chain, whatever pods it has at the time. */
export interface WorkloadIdentity {
  readonly index: number;
  readonly ref: ObjectRef;
  readonly namespace: string;
  /** See `workloadId`. */
  readonly id: string;
}

/** Whether a pod stands for an address rather than another that has it, too: pods on the network of one host share its own. */
export function standsBefore(pod: Endpoint, other: Endpoint | undefined): boolean {
  if (!other) return true;
  const [a, b] = [pod, other].map(({ workload }) => workload.id) as [string, string];
  return a === b ? (pod.pod ?? '') < (other.pod ?? '') : a < b;
}

/** `namespace/name[Kind]`. */
export function workloadId({ namespace, name, kind }: ObjectRef): string {
  return `${namespace ?? 'default'}/${name}[${kind}]`;
}

/** What `reach` lists: the top of an owner chain with its pods. */
export interface NetworkWorkload extends WorkloadIdentity {
  readonly endpoints: readonly Endpoint[];
}

/** Those that have not gone. */
export function inhabited(workloads: readonly NetworkWorkload[]): readonly NetworkWorkload[] {
  return workloads.filter(({ endpoints }) => endpoints.length > 0);
}

export interface Inhabitants {
  /** By index. One that has gone has no pods, and keeps its place. */
  readonly workloads: readonly NetworkWorkload[];
  readonly namespaces: ReadonlyMap<string, NetworkNamespace>;
}

/** A live pod as an endpoint of its workload. */
export function readPod(
  source: Resource,
  workload: WorkloadIdentity,
  profile: Profile,
  identify: (labels: Labels, spec: JsonRecord) => Labels,
): Endpoint {
  const { object } = source;
  const spec = record(object['spec']);
  const labels = stringMap(object.metadata.labels);
  return {
    workload,
    labels,
    identity: identify(labels, spec),
    spec,
    addresses: addressesOf(object, profile),
    hostNetwork: spec['hostNetwork'] === true,
    node: text(spec['nodeName']),
    pod: object.metadata.name,
    source,
  };
}

/** The pod that a template describes, as the endpoint of a workload without live ones. */
export function endpointOf(
  { labels, spec }: PodTemplate,
  source: Resource,
  workload: WorkloadIdentity,
  identify: (labels: Labels, spec: JsonRecord) => Labels,
): Endpoint {
  return {
    workload,
    labels,
    identity: identify(labels, spec),
    spec,
    addresses: [],
    hostNetwork: spec['hostNetwork'] === true,
    node: undefined,
    pod: undefined,
    source,
  };
}

function addressesOf(pod: KubernetesObject, profile: Profile): readonly IpValue[] {
  const own = podIPs(pod);
  // On the host's network the pod's address is its node's.
  const host =
    own.length === 0 && at(pod, 'spec', 'hostNetwork') === true ? text(at(pod, 'status', 'hostIP')) : undefined;
  const written = host === undefined ? own : [host];
  const valueOf = (address: string | undefined): IpValue | undefined => {
    const value = parseIp(address ?? '');
    return value !== undefined && profile.families.includes(typeof value === 'number' ? 4 : 6) ? value : undefined;
  };
  if (written.length !== 1) return written.flatMap((address) => valueOf(address) ?? []);
  // Nearly every pod has one, and a list made of it takes no room for more.
  const value = valueOf(written[0]);
  return value === undefined ? [] : [value];
}

export interface ContainerPort {
  readonly name: string | undefined;
  readonly protocol: Protocol;
  readonly port: number;
}

/** The ports a pod's containers declare, sidecars (restartable init containers) included. */
export function containerPorts(spec: JsonRecord): readonly ContainerPort[] {
  const found: ContainerPort[] = [];
  addPorts(spec['containers'], false, found);
  if (spec['initContainers'] !== undefined) addPorts(spec['initContainers'], true, found);
  return found;
}

function addPorts(containers: unknown, sidecarsOnly: boolean, found: ContainerPort[]): void {
  for (const container of list(containers)) {
    if (!isRecord(container) || (sidecarsOnly && container['restartPolicy'] !== 'Always')) continue;
    for (const raw of list(container['ports'])) {
      const { name, protocol = 'TCP', containerPort } = record(raw);
      if (typeof containerPort !== 'number' || (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP'))
        continue;
      found.push({ name: text(name), protocol, port: containerPort });
    }
  }
}
