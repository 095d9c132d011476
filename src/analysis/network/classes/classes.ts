import { isRecord, type JsonRecord } from '../../../model/json.ts';
import type { Labels } from '../../../model/selectors.ts';
import type { AddressSpace } from '../addresses/address-space.ts';
import type { Mentioned } from '../policies/mentioned.ts';
import { drawLines, isSameSide, sideOf, type LabelLines } from './class-lines.ts';
import type { Endpoint, Inhabitants } from '../inhabitants/endpoints.ts';
import type { NetworkNamespace } from '../inhabitants/namespaces.ts';
import { keyIndex, type KeyIndex } from './key-index.ts';
import type { Profile } from '../profiles/profile.ts';
import { createSignatures, type Signatures } from './signatures.ts';

/**
 * Pods that no policy can tell apart: same namespace, same labels as far as selectors look at them, same named ports,
 * addresses inside the same blocks. A pod has a class in each address family (a connection uses one), and a host-network
 * pod one in each reading of what host-network means.
 */
export interface PodClass {
  readonly index: number;
  readonly namespace: NetworkNamespace;
  /** Labels and identity of one member: the members differ only in what nobody selects by. */
  readonly labels: Labels;
  /** Empty for the controller's, and for one whose pods have all moved to others. */
  readonly members: readonly Endpoint[];
  readonly hostNetwork: boolean;
  /** As what a host-network pod is read here; `pod` for every other. */
  readonly reading: 'pod' | 'node';
  /** Number of the set of named ports. */
  readonly signature: number;
  /** Class of its address in the address space; -1 when no block hits pods, or when the address is not known. */
  readonly address: number;
  /** Bits 1 (IPv4) and 2 (IPv6): the families a connection with this class can use. */
  readonly families: number;
}

export interface Classes {
  readonly all: readonly PodClass[];
  readonly byNamespace: ReadonlyMap<string, readonly PodClass[]>;
  readonly signatures: Signatures;
  /** The classes a workload's pods are in, by workload index. */
  readonly ofWorkload: readonly (readonly PodClass[])[];
  /** The class of the pod that serves Ingresses and routes, which nobody named: no labels, in a namespace nobody knows. */
  readonly controller: number;
  readonly lines: LabelLines;
  /** Whether pods of a class differ in a label key, as far as it was asked; later states of a cluster share it. */
  readonly divided: Map<string, WeakMap<PodClass, boolean>>;
  /** The index of a class by what its members have in common. */
  readonly byKey: KeyIndex;
  /** Classes about which something may be open: see `isOpenClass`. */
  readonly open: ReadonlySet<number>;
}

/** Whether its pods are on the host's network, which has two readings, or have no address where blocks look at addresses. */
export function isOpenClass({ members, hostNetwork, address }: PodClass, blocksHitPods: boolean): boolean {
  return members.length > 0 && (hostNetwork || (blocksHitPods && address < 0));
}

/** A namespace nobody knows by name; it has a name label, as every namespace. */
export const SOMEWHERE: NetworkNamespace = {
  name: '',
  labels: { 'kubernetes.io/metadata.name': '' },
  labelsKnown: true,
};

type Growing = PodClass & { readonly members: Endpoint[] };

/** O(labels of all pods). */
export function classify(
  inhabitants: Inhabitants,
  mentioned: Mentioned,
  space: AddressSpace,
  profile: Profile,
): Classes {
  const all: Growing[] = [];
  const byKey = new Map<string, number>();
  const byNamespace = new Map<string, PodClass[]>();
  const ofWorkload: PodClass[][] = inhabitants.workloads.map(() => []);
  const lines = drawLines(mentioned.labels);
  const signatures = createSignatures();
  const facesOf = createFaces(space, profile, mentioned.blocksHitPods);
  const classesOf = (namespace: NetworkNamespace, endpoint: Endpoint, faces: readonly Face[]): readonly Growing[] => {
    const signature = signatures.of(endpoint.spec);
    const side = sideOf(endpoint.identity, lines);
    return faces.map((face) => {
      const key = keyOf(namespace.name, side, signature, face, endpoint.hostNetwork);
      const known = all[byKey.get(key) ?? -1];
      if (known) return known;
      const podClass = { ...classFor(all.length, namespace, endpoint, signature, face), members: [] };
      byKey.set(key, podClass.index);
      all.push(podClass);
      pushTo(byNamespace, namespace.name, podClass);
      return podClass;
    });
  };
  for (const workload of inhabitants.workloads) {
    const namespace = inhabitants.namespaces.get(workload.namespace);
    if (!namespace) continue;
    if (!byNamespace.has(namespace.name)) byNamespace.set(namespace.name, []);
    const mine = new Set<PodClass>();
    let last: Endpoint | undefined;
    let lastFaces: readonly Face[] = [];
    let own: readonly Growing[] = [];
    for (const pod of workload.endpoints) {
      const faces = facesOf(pod);
      // Most pods of a workload are as the one before.
      const same =
        lastFaces === faces &&
        last?.hostNetwork === pod.hostNetwork &&
        isSameSide(last.identity, pod.identity, lines) &&
        hasSamePorts(last.spec, pod.spec);
      if (!same) own = classesOf(namespace, pod, faces);
      [last, lastFaces] = [pod, faces];
      for (const podClass of own) {
        podClass.members.push(pod);
        if (!same) mine.add(podClass);
      }
    }
    ofWorkload[workload.index] = [...mine];
  }
  const controller = all.length;
  const somewhere: Growing = {
    index: controller,
    namespace: SOMEWHERE,
    labels: {},
    members: [],
    hostNetwork: false,
    reading: 'pod',
    signature: 0,
    address: -1,
    families: 3,
  };
  all.push(somewhere);
  byNamespace.set(SOMEWHERE.name, [somewhere]);
  const open = new Set<number>();
  for (const podClass of all) if (isOpenClass(podClass, mentioned.blocksHitPods)) open.add(podClass.index);
  return {
    all,
    byNamespace,
    signatures,
    ofWorkload,
    controller,
    lines,
    divided: new Map(),
    byKey: keyIndex(byKey),
    open,
  };
}

/** What a pod is in one reading and address family. */
export interface Face {
  readonly reading: 'pod' | 'node';
  readonly address: number;
  readonly families: number;
}

/** The faces of a pod: equal ones are one array, so that they are compared by identity. */
export function createFaces(
  space: AddressSpace,
  profile: Profile,
  blocksHitPods: boolean,
): (pod: Endpoint) => readonly Face[] {
  const known = new Map<string, readonly Face[]>();
  const single: (readonly Face[])[] = [];
  const onHost: Face['reading'][] = profile.hostNetworkPods === undefined ? ['pod', 'node'] : [profile.hostNetworkPods];
  const addressOf = (value: Endpoint['addresses'][number]): number => (blocksHitPods ? space.classOf(value) : -1);
  const make = (pod: Endpoint): readonly Face[] => {
    const found = pod.addresses.map((value) => ({
      address: addressOf(value),
      families: typeof value === 'number' ? 1 : 2,
    }));
    const families = found.reduce((sum, face) => sum | face.families, 0);
    // One face for both families where no block could tell them apart.
    const faces =
      found.length === 0
        ? [{ address: -1, families: 3 }]
        : blocksHitPods || found.length === 1
          ? found
          : [{ address: -1, families }];
    return (pod.hostNetwork ? onHost : (['pod'] as const)).flatMap((reading) =>
      faces.map((face) => ({ reading, ...face })),
    );
  };
  return (pod) => {
    const [only] = pod.addresses;
    if (typeof only === 'number' && pod.addresses.length === 1 && !pod.hostNetwork)
      return (single[addressOf(only) + 1] ??= make(pod));
    const made = make(pod);
    const key = made.map(({ reading, address, families }) => `${reading} ${address} ${families}`).join();
    const same = known.get(key);
    if (!same) known.set(key, made);
    return same ?? made;
  };
}

/** A namespace may be called anything, so it stands first. */
export function keyOf(namespace: string, side: string, signature: number, face: Face, hostNetwork: boolean): string {
  return `${namespace}|${side}|${signature}|${face.address},${face.families},${hostNetwork ? face.reading : ''}`;
}

export function classFor(
  index: number,
  namespace: NetworkNamespace,
  { identity, hostNetwork }: Endpoint,
  signature: number,
  face: Face,
): Omit<PodClass, 'members'> {
  return { index, namespace, labels: identity, hostNetwork, signature, ...face };
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}

/** Whether two pods are written with the same ports; `false` only costs a closer look. */
function hasSamePorts(a: JsonRecord, b: JsonRecord): boolean {
  if (a['initContainers'] !== b['initContainers']) return false;
  return isSameList(a['containers'], b['containers'], (one, other) =>
    isSameList(one['ports'], other['ports'], (port, second) => {
      for (const field of PORT_FIELDS) if (port[field] !== second[field]) return false;
      return true;
    }),
  );
}

const PORT_FIELDS = ['name', 'protocol', 'containerPort'] as const;

function isSameList(a: unknown, b: unknown, isSame: (one: JsonRecord, other: JsonRecord) => boolean): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [one, other]: readonly unknown[] = [a[i], b[i]];
    if (!isRecord(one) || !isRecord(other) || !isSame(one, other)) return false;
  }
  return true;
}
