import { text, at } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';

/** What a machine of a cloud is there. */
export interface Instance {
  readonly cloud: 'aws' | 'gce' | 'azure';
  /** Who programs on the machine act as: nodes of one group share it. */
  readonly principal: string;
  /** The cloud's own Kubernetes, whose nodes always have an identity. */
  readonly managed: boolean;
  /** Pods are answered by a server of their own, which gives them no identity of the node (GKE Workload Identity). */
  readonly shielded: boolean;
}

const GROUPS = {
  aws: ['eks.amazonaws.com/nodegroup', 'alpha.eksctl.io/nodegroup-name', 'karpenter.sh/nodepool'],
  gce: ['cloud.google.com/gke-nodepool'],
  azure: ['kubernetes.azure.com/agentpool', 'agentpool'],
} as const;

/** Reads the marks of a cloud on a Node; undefined for a machine of none that is known. */
export function instanceOf(node: KubernetesObject | undefined): Instance | undefined {
  const id = text(at(node, 'spec', 'providerID'));
  const [, scheme, rest = ''] = /^(aws|gce|azure):\/\/(.*)$/.exec(id ?? '') ?? [];
  if (!node || scheme === undefined) return undefined;
  const cloud = scheme as Instance['cloud'];
  const labels = node.metadata.labels ?? {};
  const group = GROUPS[cloud].map((label) => labels[label]).find((value) => value !== undefined);
  return {
    cloud,
    principal: group === undefined ? `instance/${rest.split('/').at(-1) ?? ''}` : `nodegroup/${group}`,
    managed: group !== undefined && !Object.hasOwn(labels, 'alpha.eksctl.io/unmanaged'),
    shielded: labels['iam.gke.io/gke-metadata-server-enabled'] === 'true',
  };
}
