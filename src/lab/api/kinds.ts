/**
 * The built-in kinds, one row each. Everything generic (paths, discovery, verbs, storage) follows from the row;
 * what is particular to a kind is in `strategies/`, `tables/` and `subresources/` under the same key.
 */

export interface ApiKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in the path. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Kinds that are only bodies of requests to subresources, for the schema. */
  readonly subresourceKinds?: readonly string[];
  /** Reviews are answered and never stored. */
  readonly review?: true;
}

export interface Subresource {
  readonly name: string;
  readonly verbs: readonly string[];
  /** Kind of the body, where it is not the resource's own: `Scale`, `Eviction`. */
  readonly kind?: readonly [apiVersion: string, kind: string];
}

const STORED = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const WRITABLE = ['get', 'patch', 'update'] as const;

const STATUS: Subresource = { name: 'status', verbs: WRITABLE };
const SCALE: Subresource = { name: 'scale', verbs: WRITABLE, kind: ['autoscaling/v1', 'Scale'] };

interface Extra {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly sub?: readonly Subresource[];
  readonly verbs?: readonly string[];
  readonly bodies?: readonly string[];
  readonly review?: true;
}

function row(groupVersion: string, namespaced: boolean, kind: string, resource: string, extra: Extra): ApiKind {
  const [version = '', group = ''] = groupVersion.split('/').reverse();
  return {
    group,
    version,
    kind,
    resource,
    singular: kind.toLowerCase(),
    namespaced,
    shortNames: extra.short ?? [],
    categories: extra.categories ?? [],
    verbs: extra.verbs ?? STORED,
    subresources: extra.sub ?? [],
    ...(extra.bodies ? { subresourceKinds: extra.bodies } : {}),
    ...(extra.review ? { review: true } : {}),
  };
}

const namespaced = (groupVersion: string, kind: string, resource: string, extra: Extra = {}): ApiKind =>
  row(groupVersion, true, kind, resource, extra);
const clusterWide = (groupVersion: string, kind: string, resource: string, extra: Extra = {}): ApiKind =>
  row(groupVersion, false, kind, resource, extra);

const REVIEW: Extra = { verbs: ['create'], review: true };
const ALL = { categories: ['all'] } as const;

const POD_SUBRESOURCES: readonly Subresource[] = [
  STATUS,
  { name: 'attach', verbs: ['create', 'get'], kind: ['v1', 'PodAttachOptions'] },
  { name: 'binding', verbs: ['create'], kind: ['v1', 'Binding'] },
  { name: 'ephemeralcontainers', verbs: WRITABLE },
  { name: 'eviction', verbs: ['create'], kind: ['policy/v1', 'Eviction'] },
  { name: 'exec', verbs: ['create', 'get'], kind: ['v1', 'PodExecOptions'] },
  { name: 'log', verbs: ['get'] },
  { name: 'portforward', verbs: ['create', 'get'], kind: ['v1', 'PodPortForwardOptions'] },
  { name: 'proxy', verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: ['v1', 'PodProxyOptions'] },
  { name: 'resize', verbs: WRITABLE },
];

const CORE = 'v1';
const APPS = 'apps/v1';
const RBAC = 'rbac.authorization.k8s.io/v1';
const AUTHORIZATION = 'authorization.k8s.io/v1';
const ADMISSION = 'admissionregistration.k8s.io/v1';
const STORAGE = 'storage.k8s.io/v1';
const NETWORKING = 'networking.k8s.io/v1';

export const KINDS: readonly ApiKind[] = [
  namespaced(CORE, 'ConfigMap', 'configmaps', { short: ['cm'] }),
  namespaced(CORE, 'Endpoints', 'endpoints', { short: ['ep'] }),
  namespaced(CORE, 'Event', 'events', { short: ['ev'] }),
  namespaced(CORE, 'LimitRange', 'limitranges', { short: ['limits'] }),
  clusterWide(CORE, 'Namespace', 'namespaces', {
    short: ['ns'],
    verbs: STORED.filter((verb) => verb !== 'deletecollection'),
    sub: [STATUS, { name: 'finalize', verbs: ['update'] }],
  }),
  clusterWide(CORE, 'Node', 'nodes', {
    short: ['no'],
    sub: [
      STATUS,
      {
        name: 'proxy',
        verbs: ['create', 'delete', 'get', 'patch', 'update'],
        kind: ['v1', 'NodeProxyOptions'],
      },
    ],
  }),
  namespaced(CORE, 'PersistentVolumeClaim', 'persistentvolumeclaims', { short: ['pvc'], sub: [STATUS] }),
  clusterWide(CORE, 'PersistentVolume', 'persistentvolumes', { short: ['pv'], sub: [STATUS] }),
  namespaced(CORE, 'Pod', 'pods', { short: ['po'], ...ALL, sub: POD_SUBRESOURCES, bodies: ['Binding', 'Eviction'] }),
  namespaced(CORE, 'PodTemplate', 'podtemplates'),
  namespaced(CORE, 'ReplicationController', 'replicationcontrollers', { short: ['rc'], ...ALL, sub: [SCALE, STATUS] }),
  namespaced(CORE, 'ResourceQuota', 'resourcequotas', { short: ['quota'], sub: [STATUS] }),
  namespaced(CORE, 'Secret', 'secrets'),
  namespaced(CORE, 'ServiceAccount', 'serviceaccounts', {
    short: ['sa'],
    sub: [{ name: 'token', verbs: ['create'], kind: ['authentication.k8s.io/v1', 'TokenRequest'] }],
    bodies: ['TokenRequest'],
  }),
  namespaced(CORE, 'Service', 'services', { short: ['svc'], ...ALL, sub: [STATUS] }),

  clusterWide(ADMISSION, 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
  clusterWide(ADMISSION, 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
  clusterWide(ADMISSION, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    categories: ['api-extensions'],
  }),
  clusterWide(ADMISSION, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
    categories: ['api-extensions'],
    sub: [STATUS],
  }),
  clusterWide(ADMISSION, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    categories: ['api-extensions'],
  }),
  clusterWide(ADMISSION, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    categories: ['api-extensions'],
  }),

  clusterWide('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    short: ['crd', 'crds'],
    categories: ['api-extensions'],
    sub: [STATUS],
  }),

  namespaced(APPS, 'ControllerRevision', 'controllerrevisions'),
  namespaced(APPS, 'DaemonSet', 'daemonsets', { short: ['ds'], ...ALL, sub: [STATUS] }),
  namespaced(APPS, 'Deployment', 'deployments', { short: ['deploy'], ...ALL, sub: [SCALE, STATUS], bodies: ['Scale'] }),
  namespaced(APPS, 'ReplicaSet', 'replicasets', { short: ['rs'], ...ALL, sub: [SCALE, STATUS] }),
  namespaced(APPS, 'StatefulSet', 'statefulsets', { short: ['sts'], ...ALL, sub: [SCALE, STATUS] }),

  clusterWide('authentication.k8s.io/v1', 'SelfSubjectReview', 'selfsubjectreviews', REVIEW),
  clusterWide('authentication.k8s.io/v1', 'TokenReview', 'tokenreviews', REVIEW),
  namespaced(AUTHORIZATION, 'LocalSubjectAccessReview', 'localsubjectaccessreviews', REVIEW),
  clusterWide(AUTHORIZATION, 'SelfSubjectAccessReview', 'selfsubjectaccessreviews', REVIEW),
  clusterWide(AUTHORIZATION, 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', REVIEW),
  clusterWide(AUTHORIZATION, 'SubjectAccessReview', 'subjectaccessreviews', REVIEW),

  namespaced('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    short: ['hpa'],
    ...ALL,
    sub: [STATUS],
  }),

  namespaced('batch/v1', 'CronJob', 'cronjobs', { short: ['cj'], ...ALL, sub: [STATUS] }),
  namespaced('batch/v1', 'Job', 'jobs', { ...ALL, sub: [STATUS] }),

  namespaced('coordination.k8s.io/v1', 'Lease', 'leases'),
  namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),

  clusterWide(NETWORKING, 'IngressClass', 'ingressclasses'),
  namespaced(NETWORKING, 'Ingress', 'ingresses', { short: ['ing'], sub: [STATUS] }),
  namespaced(NETWORKING, 'NetworkPolicy', 'networkpolicies', { short: ['netpol'] }),

  clusterWide('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses'),
  namespaced('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { short: ['pdb'], sub: [STATUS] }),

  clusterWide(RBAC, 'ClusterRoleBinding', 'clusterrolebindings'),
  clusterWide(RBAC, 'ClusterRole', 'clusterroles'),
  namespaced(RBAC, 'RoleBinding', 'rolebindings'),
  namespaced(RBAC, 'Role', 'roles'),

  clusterWide('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { short: ['pc'] }),

  clusterWide(STORAGE, 'CSIDriver', 'csidrivers'),
  clusterWide(STORAGE, 'CSINode', 'csinodes'),
  clusterWide(STORAGE, 'StorageClass', 'storageclasses', { short: ['sc'] }),
  clusterWide(STORAGE, 'VolumeAttachment', 'volumeattachments', { sub: [STATUS] }),
];

/** `v1`, `apps/v1`. */
export function apiVersionOf(kind: Pick<ApiKind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** `pods`, `deployments.apps`: names a resource in messages, as upstream does. */
export function qualifiedResource(kind: Pick<ApiKind, 'group' | 'resource'>): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
}
