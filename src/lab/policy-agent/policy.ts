/**
 * NetworkPolicies as the policy agent understands them: read straight from the API's objects by the text of the
 * NetworkPolicy specification (networking.k8s.io/v1). Nothing here is shared with analysis/network, on purpose: the
 * lab's packets check the analysis, and the analysis checks the lab.
 */

export interface Pod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly node: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: IpBlock;
}

export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface Rule {
  /** Absent or empty: everybody. */
  readonly peers: readonly Peer[];
  /** Absent or empty: every port. */
  readonly ports: readonly PolicyPort[];
}

export interface Policy {
  readonly namespace: string;
  readonly name: string;
  readonly podSelector: Selector;
  readonly ingress: readonly Rule[] | undefined;
  readonly egress: readonly Rule[] | undefined;
}

interface Written {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly PolicyPort[] }[];
  };
}

/**
 * Reads one object. A direction is `undefined` when the policy says nothing about it. Without policyTypes a policy is
 * about ingress, and about egress when it has egress rules.
 */
export function readPolicy(object: unknown): Policy {
  const { metadata, spec = {} } = object as Written;
  const types = spec.policyTypes ?? (spec.egress && spec.egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
  return {
    namespace: metadata?.namespace ?? 'default',
    name: metadata?.name ?? '',
    podSelector: spec.podSelector ?? {},
    ingress: types.includes('Ingress')
      ? (spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }))
      : undefined,
    egress: types.includes('Egress')
      ? (spec.egress ?? []).map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] }))
      : undefined,
  };
}

/** Whether a selector selects these labels. The empty one selects everything. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const listed = value !== undefined && values.includes(value);
    return operator === 'In' ? listed : !listed;
  });
}

/** The pods a peer stands for: of the policy's own namespace, or of those its namespaceSelector selects. */
export function podsOfPeer(
  peer: Peer,
  policyNamespace: string,
  pods: readonly Pod[],
  namespaces: ReadonlyMap<string, Namespace>,
): readonly Pod[] {
  if (peer.ipBlock) return [];
  const { namespaceSelector, podSelector } = peer;
  return pods.filter((pod) => {
    // Traffic of hostNetwork pods is the node's: no selector tells it from the rest.
    if (pod.hostNetwork) return false;
    const inNamespace = namespaceSelector
      ? selects(namespaceSelector, namespaces.get(pod.namespace)?.labels ?? {})
      : pod.namespace === policyNamespace;
    return inNamespace && (podSelector === undefined || selects(podSelector, pod.labels));
  });
}
