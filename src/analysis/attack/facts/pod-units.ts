import { at, list, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import { containersOf, isCompleted, podTemplateOf, type ContainerEntry } from '../../../model/pods.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { workloadsOf, type Workload } from '../../../model/workloads.ts';
import { stateOf, type ContainerState } from './container-state.ts';
import { demandsOf } from '../world/placement.ts';

/** The pods of one workload, as an intruder sees them: all alike, so one stands for all. */
export interface PodUnit {
  readonly workload: Workload;
  /** The object at the top of the chain; the pod itself, where it has more than its template. */
  readonly ref: ObjectRef;
  readonly namespace: string;
  readonly name: string;
  readonly spec: JsonRecord;
  readonly serviceAccount: string;
  /** Names of the nodes its pods run on. */
  readonly nodes: readonly string[];
  /** It has no pods, and gets none before somebody asks for more of them. */
  readonly dormant: boolean;
  /** Some of its pods have no node yet: the scheduler may choose any it uses. */
  readonly floating: boolean;
  /** What its pods ask of a node, see `demandsOf`; pods with the same demands may be put on the same nodes. */
  readonly demands: string;
  readonly containers: readonly ContainerFacts[];
}

/** What the kernel lets a container do, as far as its manifest decides. */
export interface ContainerFacts {
  readonly entry: ContainerEntry;
  readonly state: ContainerState;
  readonly privileged: boolean;
  /** Capability names without `CAP_`, upper case; the runtime's defaults included; `ALL` when all are added. */
  readonly capabilities: ReadonlySet<string>;
  /** The uid written; undefined when the image decides. */
  readonly uid: number | undefined;
  readonly nonRoot: boolean;
  /** AppArmor's default profile is taken to be in force unless it was switched off. */
  readonly confined: boolean;
  /** A profile of AppArmor or of seccomp is asked for by name: the runtime's, or one of the node. */
  readonly profiled: boolean;
  readonly mounts: readonly Mount[];
}

export interface Mount {
  readonly volume: string;
  readonly mountPath: string;
  /** The part of the volume that is mounted; empty for all of it. */
  readonly subPath: string;
  readonly readOnly: boolean;
}

/** Capabilities a container runtime grants unless they are dropped (containerd and CRI-O agree on these but for two). */
const DEFAULT_CAPABILITIES = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP',
  'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
]; // prettier-ignore

/** Every workload that has or may have running pods. */
export function podUnitsOf(snapshot: Snapshot): readonly PodUnit[] {
  const oneNode = new Map<string, readonly string[]>();
  return workloadsOf(snapshot).flatMap((workload) => {
    const live = workload.pods.filter(({ object }) => !isCompleted(object));
    if (live.length === 0 && (workload.pods.length > 0 || hasEnded(workload.writtenIn.object))) return [];
    const { spec } = workload.template;
    const placed =
      live.length > 0 ? live.map(({ object }) => text(at(object, 'spec', 'nodeName'))) : [text(spec['nodeName'])];
    const nodes = [...new Set(placed.filter((name) => name !== undefined))];
    const [only] = nodes;
    // Most pods have a node to themselves in this list, and share it with many others.
    if (only !== undefined && nodes.length === 1 && !oneNode.has(only)) oneNode.set(only, nodes);
    return [
      new UnitOfWorkload(workload, {
        nodes: (nodes.length === 1 ? oneNode.get(only ?? '') : undefined) ?? nodes,
        dormant: live.length === 0 && at(workload.writtenIn.object, 'spec', 'replicas') === 0,
        floating: placed.includes(undefined),
      }),
      ...live.flatMap((pod) => unitOfItsOwn(workload, pod)),
    ];
  });
}

/** A pod that has more than its template: a sidecar that was put in as it was made, a container to debug with. */
function unitOfItsOwn(workload: Workload, pod: Resource): readonly PodUnit[] {
  const isLike = sizeOf(record(pod.object['spec'])) === sizeOf(workload.template.spec);
  const template = isLike || workload.writtenIn.object === pod.object ? undefined : podTemplateOf(pod.object);
  if (!template) return [];
  const node = text(template.spec['nodeName']);
  const own: Workload = { ...workload, template, writtenIn: pod, pods: [pod] };
  const place = { nodes: node === undefined ? [] : [node], dormant: false, floating: node === undefined };
  return [new UnitOfWorkload(own, place, refOf(pod.object))];
}

/** How many containers there are. */
function sizeOf(spec: JsonRecord): number {
  return ['containers', 'initContainers', 'ephemeralContainers'].reduce(
    (sum, field) => sum + list(spec[field]).length,
    0,
  );
}

/** Those of the pods that are on one node. */
export function onlyOn({ workload, dormant, ref }: PodUnit, node: string): PodUnit {
  return new UnitOfWorkload(workload, { nodes: [node], dormant, floating: false }, ref);
}

/** A class, since there are hundreds of thousands, and most are never looked into. */
class UnitOfWorkload implements PodUnit {
  readonly workload: Workload;
  readonly nodes: readonly string[];
  readonly dormant: boolean;
  readonly floating: boolean;
  readonly demands: string;
  readonly ref: ObjectRef;
  #containers: readonly ContainerFacts[] | undefined;

  constructor(
    workload: Workload,
    { nodes, dormant, floating }: Pick<PodUnit, 'nodes' | 'dormant' | 'floating'>,
    ref = workload.ref,
  ) {
    this.workload = workload;
    this.ref = ref;
    this.nodes = nodes;
    this.dormant = dormant;
    this.floating = floating;
    this.demands = floating ? demandsOf(workload.ref.kind, this.spec) : '';
  }

  get namespace(): string {
    return this.workload.ref.namespace ?? 'default';
  }

  get name(): string {
    return this.workload.ref.name;
  }

  get spec(): JsonRecord {
    return this.workload.template.spec;
  }

  get serviceAccount(): string {
    return text(this.spec['serviceAccountName']) ?? text(this.spec['serviceAccount']) ?? 'default';
  }

  get containers(): readonly ContainerFacts[] {
    return (this.#containers ??= containersOf(this.spec).map((entry) => containerFacts(this.workload, entry)));
  }
}

/** What said so before the field did; the field wins. */
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

/** A Job that ran to its end, or was given up. */
function hasEnded(object: KubernetesObject): boolean {
  const conditions = object.kind === 'Job' ? records(at(object, 'status', 'conditions')) : [];
  return conditions.some(([, { type, status }]) => status === 'True' && (type === 'Complete' || type === 'Failed'));
}

function containerFacts(workload: Workload, entry: ContainerEntry): ContainerFacts {
  const { spec, annotations } = workload.template;
  const pod = record(spec['securityContext']);
  const own = record(entry.container['securityContext']);
  const uid = own['runAsUser'] ?? pod['runAsUser'];
  const profileOf = (field: string): string | undefined => text(record(own[field] ?? pod[field])['type']);
  const appArmor = profileOf('appArmorProfile') ?? annotations[APP_ARMOR + entry.name];
  const seccomp = profileOf('seccompProfile');
  return {
    entry,
    state: stateOf(workload, entry),
    privileged: own['privileged'] === true,
    capabilities: capabilitiesOf(own),
    uid: typeof uid === 'number' ? uid : undefined,
    nonRoot: (typeof uid === 'number' && uid !== 0) || (own['runAsNonRoot'] ?? pod['runAsNonRoot']) === true,
    confined: !isOff(appArmor) && own['privileged'] !== true,
    profiled: own['privileged'] !== true && [appArmor, seccomp].some((one) => one !== undefined && !isOff(one)),
    mounts: records(entry.container['volumeMounts']).map(([, mount]) => ({
      volume: text(mount['name']) ?? '',
      mountPath: text(mount['mountPath']) ?? '',
      subPath: text(mount['subPath']) ?? text(mount['subPathExpr']) ?? '',
      readOnly: mount['readOnly'] === true || isReadOnlyClaim(spec, mount['name']),
    })),
  };
}

/** A claim that a pod uses read-only is mounted so in all its containers, whatever their mounts say. */
function isReadOnlyClaim(spec: JsonRecord, volume: unknown): boolean {
  return records(spec['volumes']).some(
    ([, one]) => one['name'] === volume && at(one, 'persistentVolumeClaim', 'readOnly') === true,
  );
}

function capabilitiesOf(securityContext: JsonRecord): ReadonlySet<string> {
  const plain = (value: string): string => value.toUpperCase().replace(/^CAP_/, '');
  const dropped = strings(at(securityContext, 'capabilities', 'drop')).map(plain);
  const held = dropped.includes('ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.includes(name));
  return new Set([...held, ...strings(at(securityContext, 'capabilities', 'add')).map(plain)]);
}

function isOff(profile: string | undefined): boolean {
  return profile?.toLowerCase() === 'unconfined';
}

export function hasCapability(container: ContainerFacts, name: string): boolean {
  return container.privileged || container.capabilities.has('ALL') || container.capabilities.has(name);
}

/** A volume of the pod's spec by name. */
export function volumeOf(unit: PodUnit, name: string): JsonRecord {
  return records(unit.spec['volumes']).find(([, volume]) => volume['name'] === name)?.[1] ?? {};
}

/** Secrets of the pod's namespace a container sees: mounted, projected, or in its environment. */
export function secretsSeenBy(unit: PodUnit, container: ContainerFacts): readonly string[] {
  const names: (string | undefined)[] = [];
  for (const { volume } of container.mounts) {
    const source = volumeOf(unit, volume);
    names.push(text(at(source, 'secret', 'secretName')));
    for (const [, projected] of records(at(source, 'projected', 'sources')))
      names.push(text(at(projected, 'secret', 'name')));
  }
  for (const [, variable] of records(container.entry.container['env']))
    names.push(text(at(variable, 'valueFrom', 'secretKeyRef', 'name')));
  for (const [, source] of records(container.entry.container['envFrom']))
    names.push(text(at(source, 'secretRef', 'name')));
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Every Secret the kubelet may read for a pod: what its containers see, pull secrets, what volumes are mounted with. */
export function secretsOf(unit: PodUnit): readonly string[] {
  const pulls = list(unit.spec['imagePullSecrets']).flatMap((entry) => text(at(entry, 'name')) ?? []);
  const mounting = records(unit.spec['volumes']).flatMap(([, volume]) => secretsToMount(volume));
  const seen = unit.containers.flatMap((container) => secretsSeenBy(unit, container));
  return [...new Set([...seen, ...pulls, ...mounting])];
}

/** Secrets a volume is mounted with on the node; no container sees them. */
function secretsToMount(volume: JsonRecord): readonly string[] {
  return Object.values(volume).flatMap(
    (source) =>
      text(at(source, 'nodePublishSecretRef', 'name')) ??
      text(at(source, 'secretRef', 'name')) ??
      text(at(source, 'secretName')) ??
      [],
  );
}

/** Where the ServiceAccount admission plugin mounts a token; it leaves a container alone that mounts something else there. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Whether a container has its own service account's token, one that the API server takes: the automount rules, or an explicit
 * projected volume. Source: plugin/pkg/admission/serviceaccount.
 */
export function tokenMounted(snapshot: Snapshot, unit: PodUnit, container: ContainerFacts): boolean {
  const explicit = container.mounts.some(({ volume }) =>
    records(at(volumeOf(unit, volume), 'projected', 'sources')).some(
      ([, source]) =>
        source['serviceAccountToken'] !== undefined && isForTheApi(at(source, 'serviceAccountToken', 'audience')),
    ),
  );
  if (explicit) return true;
  if (container.mounts.some(({ mountPath }) => mountPath.replace(/\/+$/, '') === TOKEN_PATH)) return false;
  const account = snapshot.get('ServiceAccount', unit.namespace, unit.serviceAccount)?.object;
  return (unit.spec['automountServiceAccountToken'] ?? account?.['automountServiceAccountToken'] ?? true) === true;
}

/** A token for another audience (a vault, a cloud) is refused by the API server, whose own is the default. */
function isForTheApi(audience: unknown): boolean {
  return (
    !audience ||
    audience === 'api' ||
    /^(https:\/\/)?kubernetes\.default\.svc(\.[a-z0-9.-]+)?$/.test(text(audience) ?? '')
  );
}
