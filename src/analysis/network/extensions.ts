import type { Snapshot } from '../../model/snapshot.ts';
import type { ReadPolicy } from './read-network-policy.ts';

/** Kinds of policies of CNIs and meshes that decide reachability beside Kubernetes' own, by kind key. */
export const EXTENSION_KINDS = [
  'NetworkPolicy.crd.projectcalico.org',
  'GlobalNetworkPolicy.crd.projectcalico.org',
  'NetworkPolicy.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  'CiliumNetworkPolicy.cilium.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'AuthorizationPolicy.security.istio.io',
] as const;

export function readExtensions(_snapshot: Snapshot): readonly ReadPolicy[] {
  return [];
}
