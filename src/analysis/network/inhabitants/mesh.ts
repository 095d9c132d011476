import { at, records, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Labels } from '../../../model/selectors.ts';

/**
 * Policies of a mesh are enforced by a proxy that a pod may have or not. `unknown`: nothing shows it, and manifests
 * don't hold what an injecting webhook adds.
 */
export type Enrolment = 'in' | 'out' | 'unknown';

/** Keys of identity that no label can have. Labels of the service account stand behind the last. */
export const MESH_KEY = '@mesh';
export const NAMESPACE_KEY = '@namespace';
export const SERVICE_ACCOUNT_KEY = '@serviceAccount';
export const SERVICE_ACCOUNT_LABEL = '@serviceAccount.';

/** The service account a pod runs as. */
export function serviceAccountOf(spec: JsonRecord): string {
  return text(spec['serviceAccountName']) ?? text(spec['serviceAccount']) ?? 'default';
}

export function enrolment({ labels }: { readonly labels: Labels }): Enrolment {
  return (labels[MESH_KEY] as Enrolment | undefined) ?? 'unknown';
}

/** What policies may select a pod by beside its labels. */
export function identityOf(
  labels: Labels,
  annotations: Labels,
  spec: JsonRecord,
  live: boolean,
  around: {
    readonly namespace: string;
    readonly namespaceLabels: Labels;
    /** False when the Namespace could not be read. */
    readonly namespaceKnown: boolean;
    readonly serviceAccountLabels: Labels;
  },
): Labels {
  const identity: Record<string, string> = {
    ...labels,
    [NAMESPACE_KEY]: around.namespace,
    [SERVICE_ACCOUNT_KEY]: serviceAccountOf(spec),
    [MESH_KEY]: enrolmentOf(labels, annotations, spec, live, around),
  };
  for (const [key, value] of Object.entries(around.serviceAccountLabels)) identity[SERVICE_ACCOUNT_LABEL + key] = value;
  return identity;
}

/** Source: Istio's sidecar injection (label before annotation before namespace) and ambient mode (`istio.io/dataplane-mode`). */
function enrolmentOf(
  labels: Labels,
  annotations: Labels,
  spec: JsonRecord,
  live: boolean,
  { namespaceLabels, namespaceKnown }: Parameters<typeof identityOf>[4],
): Enrolment {
  if (spec['hostNetwork'] === true) return 'out';
  const proxied = [...records(spec['containers']), ...records(spec['initContainers'])].some(
    ([, { name }]) => name === 'istio-proxy',
  );
  if (proxied) return 'in';
  const mode = labels['istio.io/dataplane-mode'] ?? namespaceLabels['istio.io/dataplane-mode'];
  if (mode === 'ambient' || annotations['ambient.istio.io/redirection'] === 'enabled') return 'in';
  // A pod that runs shows its containers: what has no proxy by now has none.
  if (live) return namespaceKnown ? 'out' : 'unknown';
  const wanted = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
  if (wanted === 'false') return 'out';
  if (wanted === 'true') return 'in';
  const injects = namespaceLabels['istio-injection'] === 'enabled' || 'istio.io/rev' in namespaceLabels;
  return injects ? 'in' : 'unknown';
}

/** Whether a pod is one of a running cluster, as its status shows. */
export function isLive(pod: KubernetesObject): boolean {
  const phase = text(at(pod, 'status', 'phase'));
  return phase !== undefined && phase !== 'Pending';
}
