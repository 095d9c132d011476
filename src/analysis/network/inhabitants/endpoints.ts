import { at, isRecord, list, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import { kindKey, refOf, type KubernetesObject, type ObjectRef, type OwnerReference } from '../../../model/object.ts';
import { isCompleted, podIPs, podTemplateOf, WORKLOAD_KINDS, type PodTemplate } from '../../../model/pods.ts';
import type { Labels } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { controllerOf } from '../../../model/workloads.ts';
import { EXTENSION_KINDS } from '../policies/kinds.ts';
import { parseIp, type IpValue } from '../addresses/ip.ts';
import { identityOf, isLive, serviceAccountOf } from './mesh.ts';
import { readNamespaces, type NetworkNamespace } from './namespaces.ts';
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
  /** `namespace/name[Kind]`. */
  readonly id: string;
}

/** What `reach` lists: the top of an owner chain with its pods. */
export interface NetworkWorkload extends WorkloadIdentity {
  readonly endpoints: readonly Endpoint[];
}

export interface Inhabitants {
  readonly workloads: readonly NetworkWorkload[];
  readonly namespaces: ReadonlyMap<string, NetworkNamespace>;
}

const VIRTUAL_MACHINE = 'VirtualMachine.kubevirt.io';

type Growing = NetworkWorkload & { readonly endpoints: Endpoint[]; everHadPods: boolean };

/** Reads who lives in the cluster. O(objects). */
export function readInhabitants(snapshot: Snapshot, profile: Profile): Inhabitants {
  const workloads = new Map<string, Growing>();
  const workloadOf = (ref: ObjectRef): Growing => {
    const namespace = ref.namespace ?? 'default';
    const id = `${namespace}/${ref.name}[${ref.kind}]`;
    let known = workloads.get(id);
    if (!known) {
      known = { index: workloads.size, ref, namespace, id, endpoints: [], everHadPods: false };
      workloads.set(id, known);
    }
    return known;
  };
  const topOf = topFinder(snapshot, profile);
  // Only policies of CNIs and meshes look at more than labels.
  const identified = EXTENSION_KINDS.some((kind) => snapshot.list(kind).length > 0);
  const identify = (
    labels: Labels,
    annotations: Labels,
    spec: JsonRecord,
    live: boolean,
    namespace: string,
  ): Labels => {
    if (!identified) return labels;
    const labelsOf = (kind: string, within: string | undefined, name: string): Labels =>
      stringMap(snapshot.get(kind, within, name)?.object.metadata.labels);
    return identityOf(labels, annotations, spec, live, {
      namespace,
      namespaceLabels: labelsOf('Namespace', undefined, namespace),
      namespaceKnown: snapshot.gaps(['Namespace'], namespace).length === 0,
      serviceAccountLabels: labelsOf('ServiceAccount', namespace, serviceAccountOf(spec)),
    });
  };
  // Most pods share their owner with others, so it is looked up once.
  const owned = new Map<string, { readonly owner: OwnerReference; readonly workload: Growing }>();
  const workloadOfPod = (pod: KubernetesObject): Growing => {
    const owners = pod.metadata.ownerReferences;
    const owner = owners?.[0];
    // The node that owns a mirror pod is nobody's workload.
    if (owners?.length !== 1 || owner?.uid === undefined || owner.kind === 'Node') return workloadOf(topOf(pod).ref);
    const known = owned.get(owner.uid);
    const same =
      known?.owner.name === owner.name &&
      known.owner.kind === owner.kind &&
      known.owner.apiVersion === owner.apiVersion &&
      known.owner.controller === owner.controller &&
      owner.controller === true &&
      known.workload.namespace === (pod.metadata.namespace ?? 'default');
    if (known && same) return known.workload;
    const workload = workloadOf(topOf(pod).ref);
    owned.set(owner.uid, { owner, workload });
    return workload;
  };
  for (const resource of snapshot.list('Pod')) {
    const { object } = resource;
    if (!profile.foldOwners && object.metadata.name.startsWith('virt-launcher-')) continue;
    const workload = workloadOfPod(object);
    workload.everHadPods = true;
    if (profile.dropCompleted && isCompleted(object)) continue;
    workload.endpoints.push(
      readPod(resource, workload, profile, (labels, spec) =>
        identified
          ? identify(labels, stringMap(object.metadata.annotations), spec, isLive(object), workload.namespace)
          : labels,
      ),
    );
  }
  for (const kind of [...WORKLOAD_KINDS.filter((k) => k !== 'Pod'), VIRTUAL_MACHINE]) {
    for (const resource of snapshot.list(kind)) {
      const template = templateOf(resource, kind);
      if (!template) continue;
      const top = topOf(resource.object);
      if (
        profile.foldOwners &&
        top.resource !== resource &&
        (top.resource || at(resource.object, 'spec', 'replicas') === 0)
      )
        continue;
      const workload = workloadOf(top.ref);
      if (workload.endpoints.length > 0 && profile.foldOwners) continue;
      if (kind === 'Job.batch' && profile.foldOwners && (workload.everHadPods || isFinishedJob(resource.object)))
        continue;
      workload.endpoints.push({
        workload,
        labels: template.labels,
        identity: identify(template.labels, template.annotations, template.spec, false, workload.namespace),
        spec: template.spec,
        addresses: [],
        hostNetwork: template.spec['hostNetwork'] === true,
        node: undefined,
        pod: undefined,
        source: resource,
      });
    }
  }
  const inhabited = [...workloads.values()].filter((workload) => workload.endpoints.length > 0);
  return {
    workloads: inhabited.map((workload, index) => Object.assign(workload, { index })),
    namespaces: readNamespaces(snapshot, inhabited),
  };
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

interface Top {
  readonly ref: ObjectRef;
  readonly resource?: Resource;
}

/** Finds the top of an owner chain as far as it was read; remembers every owner seen. */
export function topFinder(snapshot: Snapshot, profile: Profile): (object: KubernetesObject) => Top {
  const tops = new Map<string, Top>();
  const find = (ref: ObjectRef, depth: number): Top => {
    const id = `${ref.namespace}/${ref.kind}/${ref.name}`;
    const known = tops.get(id);
    if (known) return known;
    const resource = profile.foldOwners
      ? snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)
      : undefined;
    const owner = resource && depth < 10 ? controllerOf(resource.object) : undefined;
    const top = owner ? find(owner, depth + 1) : resource ? { ref: refOf(resource.object), resource } : { ref };
    tops.set(id, top);
    return top;
  };
  return (object) => {
    const owner = object.kind === 'Pod' || profile.foldOwners ? controllerOf(object) : undefined;
    if (owner) {
      // An ownerReference without a kind names an owner all the same; netpol-analyzer shows it as a pod.
      const named = typeof owner.kind === 'string' ? owner : { ...owner, apiVersion: 'v1', kind: 'Pod' };
      return profile.foldOwners ? find(named, 0) : { ref: named };
    }
    const resource = snapshot.get(
      kindKey(object.apiVersion, object.kind),
      object.metadata.namespace,
      object.metadata.name,
    );
    return { ref: refOf(object), ...(resource ? { resource } : {}) };
  };
}

function templateOf(resource: Resource, kind: string): PodTemplate | undefined {
  if (kind !== VIRTUAL_MACHINE) return podTemplateOf(resource.object);
  const template = record(at(resource.object, 'spec', 'template'));
  const metadata = record(template['metadata']);
  return {
    labels: stringMap(metadata['labels']),
    annotations: {},
    spec: record(template['spec']),
    path: ['spec', 'template'],
  };
}

function isFinishedJob(job: KubernetesObject): boolean {
  return records(at(job, 'status', 'conditions')).some(
    ([, condition]) =>
      condition['status'] === 'True' && (condition['type'] === 'Complete' || condition['type'] === 'Failed'),
  );
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
