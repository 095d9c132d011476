/** What a resource as written means to the authorizer. */
export interface ApiTarget {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
}

/** Resources of Kubernetes outside the core group, so that `deployments` means what kubectl makes of it. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  apps: ['deployments', 'daemonsets', 'statefulsets', 'replicasets', 'controllerrevisions'],
  batch: ['jobs', 'cronjobs'],
  autoscaling: ['horizontalpodautoscalers'],
  policy: ['poddisruptionbudgets'],
  'networking.k8s.io': ['networkpolicies', 'ingresses', 'ingressclasses'],
  'rbac.authorization.k8s.io': ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
  'storage.k8s.io': ['storageclasses', 'volumeattachments', 'csidrivers', 'csinodes'],
  'admissionregistration.k8s.io': [
    'mutatingwebhookconfigurations',
    'validatingwebhookconfigurations',
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  ],
  'apiextensions.k8s.io': ['customresourcedefinitions'],
  'apiregistration.k8s.io': ['apiservices'],
  'certificates.k8s.io': ['certificatesigningrequests'],
  'coordination.k8s.io': ['leases'],
  'discovery.k8s.io': ['endpointslices'],
  'scheduling.k8s.io': ['priorityclasses'],
  'node.k8s.io': ['runtimeclasses'],
};

const GROUP_OF = new Map(
  Object.entries(GROUPS).flatMap(([group, resources]) => resources.map((name) => [name, group] as const)),
);

/** Reads `pods`, `pods/exec`, `deployments`, `deployments.apps/scale`, or `*`, the wildcard of groups and resources. */
export function resourceOf(written: string): ApiTarget {
  const slash = written.indexOf('/');
  const whole = slash < 0 ? written : written.slice(0, slash);
  const subresource = slash < 0 ? '' : written.slice(slash + 1);
  if (whole === '*') return { group: '*', resource: '*', subresource };
  const dot = whole.indexOf('.');
  if (dot >= 0) return { group: whole.slice(dot + 1), resource: whole.slice(0, dot), subresource };
  return { group: GROUP_OF.get(whole) ?? '', resource: whole, subresource };
}
