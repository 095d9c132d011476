import type { Snapshot } from '../../model/snapshot.ts';

/** Names of the DaemonSets that enforce NetworkPolicy in the usual implementations. */
const AGENTS: readonly string[] = [
  'antrea-agent',
  'calico-node',
  'canal',
  'cilium',
  'kube-network-policies',
  'kube-router',
  'kube-router-policy',
  'ovnkube-node',
  'policy-agent',
  'weave-net',
];

/** The DaemonSet that enforces NetworkPolicy here, when it is a known one in a namespace that may be touched. */
export function findPolicyAgent(
  snapshot: Snapshot,
  namespaces: readonly string[],
): { readonly namespace: string; readonly daemonSet: string } | undefined {
  const found = snapshot
    .list('DaemonSet.apps')
    .map(({ object }) => object.metadata)
    .find(({ namespace, name }) => namespaces.includes(namespace ?? '') && AGENTS.includes(name));
  return found && { namespace: found.namespace ?? '', daemonSet: found.name };
}
