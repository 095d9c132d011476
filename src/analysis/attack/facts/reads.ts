import type { Gap, Snapshot } from '../../../model/snapshot.ts';
import type { AttackNode } from '../nodes.ts';

/** What image scanners found: https://aquasecurity.github.io/trivy-operator. */
export const VULNERABILITY_REPORT = 'VulnerabilityReport.aquasecurity.github.io';

/** The kinds whose absence from what was read could hide a path, whoever is asked about. */
export const ATTACK_READS = [
  'Pod',
  'Node',
  'Namespace',
  'ServiceAccount',
  'Deployment.apps',
  'DaemonSet.apps',
  'StatefulSet.apps',
  'ReplicaSet.apps',
  'ReplicationController',
  'Job.batch',
  'CronJob.batch',
  'Role.rbac.authorization.k8s.io',
  'ClusterRole.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'NetworkPolicy.networking.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  'ConfigMap',
  VULNERABILITY_REPORT,
  'KubeletConfiguration.kubelet.config.k8s.io',
  '*',
] as const;

/** The kinds besides Services that open ways in from outside. */
export const WAYS_IN: readonly string[] = [
  'Ingress.networking.k8s.io',
  'Route.route.openshift.io',
  'Gateway.gateway.networking.k8s.io',
  ...['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map((kind) => `${kind}.gateway.networking.k8s.io`),
  'EndpointSlice.discovery.k8s.io',
  'Endpoints',
];

/**
 * What was not read and could hide a path from somebody who comes to hold these nodes: ways in count for who begins on the
 * internet, and which Secrets there are for who gets at Secrets.
 */
export function gapsThatBear(snapshot: Snapshot, held: readonly AttackNode[]): readonly Gap[] {
  const kinds = [
    ...ATTACK_READS,
    ...(held.some(({ kind }) => kind === 'Internet') ? WAYS_IN : []),
    ...(held.some(getsAtSecrets) ? ['Secret'] : []),
  ];
  return gapsOf(snapshot, kinds);
}

/**
 * What of these kinds was not read, but for contents that are withheld: the names and annotations of Secrets say which there
 * are and whose tokens they hold, and what only contents of ConfigMaps say is named among what is absent from the facts.
 */
export function gapsOf(snapshot: Snapshot, kinds: readonly string[]): readonly Gap[] {
  return snapshot.gaps(kinds).filter(({ reason }) => reason !== 'withheld');
}

function getsAtSecrets({ kind, name = '' }: AttackNode): boolean {
  if (kind === 'All') return /Secret|Credential/.test(name);
  return kind === 'Secret' || (kind === 'May' && name.endsWith(' secrets'));
}
