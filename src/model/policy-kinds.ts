/** Kubernetes' own policy of the network, by kind key. */
export const NETWORK_POLICY = 'NetworkPolicy.networking.k8s.io';

/** Policies of the whole cluster that administrators write, by kind key. */
export const ADMIN_POLICY_KINDS = [
  'AdminNetworkPolicy.policy.networking.k8s.io',
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io',
  'ClusterNetworkPolicy.policy.networking.k8s.io',
] as const;

/** Policies that decide reachability, too, and are not evaluated: what they may bear on is unknown. */
export const UNEVALUATED_KINDS = [
  'NetworkPolicy.crd.antrea.io',
  'ClusterNetworkPolicy.crd.antrea.io',
  'EgressFirewall.k8s.ovn.org',
  'EgressNetworkPolicy.network.openshift.io',
  'FQDNNetworkPolicy.networking.gke.io',
  'ApplicationNetworkPolicy.networking.k8s.aws',
  'ClusterNetworkPolicy.networking.k8s.aws',
  'Server.policy.linkerd.io',
] as const;

/** Policies of CNIs and meshes that decide reachability beside Kubernetes' own, by kind key. */
export const EXTENSION_KINDS = [
  'NetworkPolicy.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  'NetworkPolicy.crd.projectcalico.org',
  'GlobalNetworkPolicy.crd.projectcalico.org',
  'CiliumNetworkPolicy.cilium.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'AuthorizationPolicy.security.istio.io',
  'PeerAuthentication.security.istio.io',
  ...UNEVALUATED_KINDS,
] as const;

/** Every kind of policy, by kind key. */
export const POLICY_KINDS: readonly string[] = [NETWORK_POLICY, ...ADMIN_POLICY_KINDS, ...EXTENSION_KINDS];

/** What policies of Calico refer to by name, by kind key. */
export const CALICO_NAMED_KINDS: readonly string[] = ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) =>
  ['Tier', 'NetworkSet', 'GlobalNetworkSet'].map((kind) => `${kind}.${group}`),
);
