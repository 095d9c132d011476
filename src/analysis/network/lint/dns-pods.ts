import type { Endpoint } from '../index.ts';
import type { LintInput } from './define-lint.ts';
import { podIndex } from './pod-index.ts';
import { servicesIn } from './services-in.ts';

/** Where names are resolved in the cluster. */
export interface ClusterDns {
  readonly namespace: string;
  /** A label of its pods, to select them by. */
  readonly label: readonly [key: string, value: string];
  readonly pods: readonly Endpoint[];
  /** The port its pods listen on. */
  readonly port: number;
}

/** The usual places: the Service kube-dns of kube-system, and OpenShift's. */
const PLACES = [
  { namespace: 'kube-system', service: 'kube-dns', label: ['k8s-app', 'kube-dns'], port: 53 },
  {
    namespace: 'openshift-dns',
    service: 'dns-default',
    label: ['dns.operator.openshift.io/daemonset-dns', 'default'],
    port: 5353,
  },
] as const;

/** The cluster's DNS as far as it was read; where nothing of it was, Kubernetes' own with no pods. */
export function clusterDns(input: LintInput): ClusterDns {
  for (const { namespace, service, label, port } of PLACES) {
    const behind = servicesIn(input, namespace).find((found) => found.service.metadata.name === service)?.behind ?? [];
    const [key, value] = label;
    const labelled = podIndex(input.analysis)
      .inNamespace(namespace)
      .filter(({ labels }) => labels[key] === value);
    const pods = behind.length > 0 ? behind : labelled;
    if (pods.length > 0) return { namespace, label, pods, port };
  }
  const [{ namespace, label, port }] = PLACES;
  return { namespace, label, pods: [], port };
}
