/** How an implementation treats what the Kubernetes API leaves open. `undefined`: not settled, the answer names the parameter. */
export interface Profile {
  readonly name: ProfileName;
  /** Whether an ipBlock hits pods by their addresses, or only what is outside the cluster. */
  readonly ipBlockSelectsPods: boolean;
  /** Whether `networks` of an admin policy hit pods, as the network-policy-api says they do. */
  readonly networksSelectPods: boolean;
  /**
   * A pod on the host's network: `pod` is selected like any other; `node` is ignored by selectors, has no policy of
   * its own, and is seen by its node's address.
   */
  readonly hostNetworkPods: 'pod' | 'node' | undefined;
  /** OVN: a peer with a namespaceSelector alone leaves host-network pods out, with a podSelector it includes them. */
  readonly hostNetworkPeersNeedPodSelector: boolean;
  /** Whether a pod reaches itself through a Service whatever the policies say; by its own address it always does. */
  readonly serviceLoopback: 'exempt' | 'judged' | undefined;
  /** Whether admin policies of one priority are tried by name; else any of them may come first. */
  readonly tiesByName: boolean;
  readonly families: readonly (4 | 6)[];
  /** Every object that makes pods is a workload of its own (netpol-analyzer), instead of the top of its owner chain. */
  readonly foldOwners: boolean;
  /** Whether `nodes` peers of admin policies are evaluated. */
  readonly nodePeers: boolean;
  /** Ended pods are dropped; netpol-analyzer keeps them. */
  readonly dropCompleted: boolean;
  /** A route leads only to TCP ports the pod declares (netpol-analyzer). */
  readonly declaredPortsOnly: boolean;
}

export const PROFILE_NAMES = [
  'kubernetes',
  'calico',
  'cilium',
  'antrea',
  'ovn',
  'aws-vpc',
  'kube-router',
  'netpol-analyzer',
] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

const KUBERNETES: Profile = {
  name: 'kubernetes',
  ipBlockSelectsPods: true,
  networksSelectPods: true,
  hostNetworkPods: undefined,
  hostNetworkPeersNeedPodSelector: false,
  serviceLoopback: undefined,
  tiesByName: false,
  families: [4, 6],
  foldOwners: true,
  nodePeers: true,
  dropCompleted: true,
  declaredPortsOnly: false,
};

/** Sources of each value: docs/network/profiles.md. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  kubernetes: KUBERNETES,
  calico: { ...KUBERNETES, name: 'calico', hostNetworkPods: 'node', serviceLoopback: 'judged', tiesByName: true },
  cilium: {
    ...KUBERNETES,
    name: 'cilium',
    ipBlockSelectsPods: false,
    hostNetworkPods: 'node',
    serviceLoopback: 'exempt',
  },
  antrea: { ...KUBERNETES, name: 'antrea', hostNetworkPods: 'node', serviceLoopback: 'judged' },
  ovn: { ...KUBERNETES, name: 'ovn', hostNetworkPods: 'node', hostNetworkPeersNeedPodSelector: true },
  'aws-vpc': { ...KUBERNETES, name: 'aws-vpc', hostNetworkPods: 'node' },
  'kube-router': { ...KUBERNETES, name: 'kube-router', hostNetworkPods: 'node' },
  'netpol-analyzer': {
    ...KUBERNETES,
    name: 'netpol-analyzer',
    ipBlockSelectsPods: false,
    networksSelectPods: false,
    hostNetworkPods: 'pod',
    tiesByName: true,
    families: [4],
    foldOwners: false,
    nodePeers: false,
    dropCompleted: false,
    declaredPortsOnly: true,
  },
};

export function isProfileName(name: string): name is ProfileName {
  return (PROFILE_NAMES as readonly string[]).includes(name);
}
