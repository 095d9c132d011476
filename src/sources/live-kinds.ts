import { UNEVALUATED_KINDS } from '../model/policy-kinds.ts';
import type { KindKey } from '../model/object.ts';
import { knownKind } from './known-kinds.ts';

/** One kind the analyses use, and how it is read. */
export interface LiveKind {
  readonly key: KindKey;
  readonly kind: string;
  readonly group: string;
  /** Plural for RBAC rules, when the server does not say. */
  readonly resource: string;
  /** Names and labels are enough, or all we want to see. */
  readonly metadataOnly: boolean;
  /** Part of every Kubernetes: that it is not served is a gap. Others are simply not installed. */
  readonly builtIn: boolean;
}

const BUILT_IN = `
Namespace Node Pod Service ServiceAccount Endpoints ReplicationController LimitRange ResourceQuota
PersistentVolume PersistentVolumeClaim
Deployment.apps ReplicaSet.apps StatefulSet.apps DaemonSet.apps
Job.batch CronJob.batch HorizontalPodAutoscaler.autoscaling
NetworkPolicy.networking.k8s.io Ingress.networking.k8s.io IngressClass.networking.k8s.io EndpointSlice.discovery.k8s.io
Role.rbac.authorization.k8s.io RoleBinding.rbac.authorization.k8s.io
ClusterRole.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io
PodDisruptionBudget.policy PriorityClass.scheduling.k8s.io RuntimeClass.node.k8s.io
StorageClass.storage.k8s.io CSIDriver.storage.k8s.io
ValidatingWebhookConfiguration.admissionregistration.k8s.io MutatingWebhookConfiguration.admissionregistration.k8s.io
ValidatingAdmissionPolicy.admissionregistration.k8s.io ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io
MutatingAdmissionPolicy.admissionregistration.k8s.io MutatingAdmissionPolicyBinding.admissionregistration.k8s.io
CustomResourceDefinition.apiextensions.k8s.io APIService.apiregistration.k8s.io
CertificateSigningRequest.certificates.k8s.io ServiceCIDR.networking.k8s.io
`;

/** Contents of ConfigMaps are no business of ours, contents of Secrets never are. */
const METADATA_ONLY = `ConfigMap Secret`;

/** Groups whose every kind is read where it is served. */
const CUSTOM_GROUPS = new Set([
  'policy.networking.k8s.io',
  'gateway.networking.k8s.io',
  'projectcalico.org',
  'crd.projectcalico.org',
  'cilium.io',
  'security.istio.io',
  'networking.istio.io',
  'route.openshift.io',
  'security.openshift.io',
  'kyverno.io',
  'seaworthy.dev',
]);

/** Kinds read where they are served, of groups of which nothing else is. */
const CUSTOM_KINDS: ReadonlySet<string> = new Set(UNEVALUATED_KINDS);

/** One object an endpoint or identity each: as many as pods, and nothing that pods don't say. */
const NOT_READ = new Set([
  'CiliumEndpoint',
  'CiliumIdentity',
  'CiliumEndpointSlice',
  'BlockAffinity',
  'IPAMBlock',
  'IPAMHandle',
]);

/** What is read of every cluster. */
export const BUILT_IN_KINDS: readonly LiveKind[] = [
  ...words(BUILT_IN).map((key) => builtIn(key, false)),
  ...words(METADATA_ONLY).map((key) => builtIn(key, true)),
];

/** Whether a kind that a cluster serves beyond Kubernetes' own bears on an analysis. */
export function isCustomKindRead(group: string, kind: string): boolean {
  return (CUSTOM_GROUPS.has(group) && !NOT_READ.has(kind)) || CUSTOM_KINDS.has(`${kind}.${group}`);
}

function builtIn(key: KindKey, metadataOnly: boolean): LiveKind {
  const known = knownKind(key);
  const dot = key.indexOf('.');
  const kind = dot < 0 ? key : key.slice(0, dot);
  const group = dot < 0 ? '' : key.slice(dot + 1);
  return { key, kind, group, resource: known?.resource ?? `${kind.toLowerCase()}s`, metadataOnly, builtIn: true };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
