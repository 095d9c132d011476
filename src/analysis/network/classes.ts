import type { Labels, LabelSelector } from '../../model/selectors.ts';
import type { AddressSpace } from './address-space.ts';
import {
  containerPorts,
  type ContainerPort,
  type Endpoint,
  type Inhabitants,
  type NetworkNamespace,
} from './endpoints.ts';
import type { Profile } from './profile.ts';

/**
 * Pods that no policy can tell apart: same namespace, same labels as far as selectors look at them, same named
 * ports as far as rules name them, addresses inside the same blocks. A pod has a class in each address family
 * (a connection uses one), and a host-network pod one in each reading of what host-network means.
 */
export interface PodClass {
  readonly index: number;
  readonly namespace: NetworkNamespace;
  /** Labels and identity of one member: the members differ only in what nobody selects by. */
  readonly labels: Labels;
  readonly members: Endpoint[];
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
  /** The named ports of each signature; signature 0 has none. */
  readonly signatures: readonly (readonly ContainerPort[])[];
  /** The classes a workload's pods are in, by workload index. */
  readonly ofWorkload: readonly (readonly PodClass[])[];
  /** The class of the pod that serves Ingresses and routes, which nobody named: no labels, in a namespace of its own. */
  readonly controller: number;
}

/** What selectors and rules look at; everything else about a pod is forgotten. */
export interface Mentioned {
  /** The values each label key is compared with. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  readonly portNames: ReadonlySet<string>;
  /** Whether any address block can hit a pod. */
  readonly blocksHitPods: boolean;
}

export function mentionSelector(labels: Map<string, Set<string>>, selector: LabelSelector): void {
  for (const requirement of selector) {
    let values = labels.get(requirement.key);
    if (!values) labels.set(requirement.key, (values = new Set()));
    if ('values' in requirement) for (const value of requirement.values) values.add(value);
  }
}

const SOMEWHERE: NetworkNamespace = { name: '', labels: {}, labelsKnown: true };

/** O(labels of all pods). */
export function classify(
  inhabitants: Inhabitants,
  mentioned: Mentioned,
  space: AddressSpace,
  profile: Profile,
): Classes {
  const all: PodClass[] = [];
  const known = new Map<string, PodClass>();
  const byNamespace = new Map<string, PodClass[]>();
  const ofWorkload: PodClass[][] = inhabitants.workloads.map(() => []);
  const tokenOf = labelTokens(mentioned);
  const { signatureOf, signatures } = signatureTable(mentioned);
  const readings: Readonly<Record<'host' | 'own', readonly ('pod' | 'node')[]>> = {
    own: ['pod'],
    host: profile.hostNetworkPods === undefined ? ['pod', 'node'] : [profile.hostNetworkPods],
  };

  for (const workload of inhabitants.workloads) {
    const namespace = inhabitants.namespaces.get(workload.namespace);
    if (!namespace) continue;
    let inNamespace = byNamespace.get(namespace.name);
    if (!inNamespace) byNamespace.set(namespace.name, (inNamespace = []));
    const mine = new Set<PodClass>();
    for (const endpoint of workload.endpoints) {
      const signature = signatureOf(endpoint);
      const base = `${namespace.name}|${tokenOf(endpoint.identity)}|${signature}|`;
      for (const reading of endpoint.hostNetwork ? readings.host : readings.own) {
        for (const { address, families } of faces(endpoint, mentioned, space)) {
          const key = `${base}${address},${families},${endpoint.hostNetwork ? reading : ''}`;
          let podClass = known.get(key);
          if (!podClass) {
            podClass = {
              index: all.length,
              namespace,
              labels: endpoint.identity,
              members: [],
              hostNetwork: endpoint.hostNetwork,
              reading,
              signature,
              address,
              families,
            };
            known.set(key, podClass);
            all.push(podClass);
            inNamespace.push(podClass);
          }
          podClass.members.push(endpoint);
          mine.add(podClass);
        }
      }
    }
    ofWorkload[workload.index] = [...mine];
  }
  const controller = all.length;
  const somewhere: PodClass = {
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
  return { all, byNamespace, signatures, ofWorkload, controller };
}

interface Face {
  readonly address: number;
  readonly families: number;
}

const ANY_FAMILY: readonly Face[] = [{ address: -1, families: 3 }];

/** One face a family; a single face for both where no block could tell the families apart. */
function faces(endpoint: Endpoint, mentioned: Mentioned, space: AddressSpace): readonly Face[] {
  if (endpoint.addresses.length === 0) return ANY_FAMILY;
  const found = endpoint.addresses.map((value) => ({
    address: mentioned.blocksHitPods ? space.classOf(value) : -1,
    families: typeof value === 'number' ? 1 : 2,
  }));
  if (mentioned.blocksHitPods || found.length === 1) return found;
  return [{ address: -1, families: found.reduce((families, face) => families | face.families, 0) }];
}

/** Labels as a short text: one token for each mentioned key, its value only when some selector compares with it. */
function labelTokens(mentioned: Mentioned): (labels: Labels) => string {
  let next = 0;
  const tokens = new Map<string, { readonly values: ReadonlyMap<string, number>; readonly other: number }>();
  for (const [key, values] of mentioned.labels) {
    tokens.set(key, { values: new Map([...values].map((value) => [value, next++])), other: next++ });
  }
  return (labels) => {
    const found: number[] = [];
    for (const key in labels) {
      const token = tokens.get(key);
      if (token) found.push(token.values.get(labels[key] ?? '') ?? token.other);
    }
    return (found.length > 1 ? found.sort((a, b) => a - b) : found).join(',');
  };
}

function signatureTable(mentioned: Mentioned): {
  readonly signatureOf: (endpoint: Endpoint) => number;
  readonly signatures: ContainerPort[][];
} {
  const signatures: ContainerPort[][] = [[]];
  const known = new Map<string, number>([['', 0]]);
  const signatureOf = (endpoint: Endpoint): number => {
    if (mentioned.portNames.size === 0) return 0;
    const ports = containerPorts(endpoint.spec).filter(
      (port) => port.name !== undefined && mentioned.portNames.has(port.name),
    );
    if (ports.length === 0) return 0;
    const written = ports.map((port) => `${port.name}/${port.protocol}/${port.port}`);
    const key = written.length === 1 ? (written[0] ?? '') : written.sort().join();
    let signature = known.get(key);
    if (signature === undefined) {
      signature = signatures.length;
      known.set(key, signature);
      signatures.push(ports);
    }
    return signature;
  };
  return { signatureOf, signatures };
}
