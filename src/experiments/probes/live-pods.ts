import { at as dig, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Workload } from '../../model/workloads.ts';
import { isLive, labelsOf } from '../pods.ts';
import { listAll } from '../objects.ts';
import type { Cluster } from '../ports.ts';

/** A pod as a probe needs it. */
export interface LivePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly address: string;
  readonly node: string;
  readonly ready: boolean;
  readonly object: KubernetesObject;
}

/** The running pods of some namespaces, read afresh: pods come and go while an experiment lasts. */
export async function livePods(
  cluster: Cluster,
  namespaces: readonly string[],
  signal?: AbortSignal,
): Promise<readonly LivePod[]> {
  const listed = await Promise.all(
    namespaces.map((namespace) => listAll(cluster, 'v1', 'Pod', { namespace, ...(signal ? { signal } : {}) })),
  );
  return listed
    .flatMap((outcome) => (outcome.kind === 'ok' ? outcome.value : []))
    .flatMap((object): readonly LivePod[] => {
      const address = text(dig(object, 'status', 'podIP'));
      if (address === undefined || !isLive(object)) return [];
      return [
        {
          namespace: object.metadata.namespace ?? 'default',
          name: object.metadata.name,
          uid: object.metadata.uid ?? '',
          address,
          node: text(dig(object, 'spec', 'nodeName')) ?? '',
          ready: records(dig(object, 'status', 'conditions')).some(
            ([, c]) => c['type'] === 'Ready' && c['status'] === 'True',
          ),
          object,
        },
      ];
    });
}

/**
 * Whether a pod is one of a workload's: it has the labels of the template, and a name made from the workload's. Pods
 * born during an experiment belong to their workload without its ReplicaSet being read again.
 */
export function isPodOf(workload: Workload, pod: LivePod): boolean {
  if (pod.namespace !== (workload.ref.namespace ?? 'default')) return false;
  if (workload.ref.kind === 'Pod') return pod.name === workload.ref.name;
  const labels = labelsOf(pod.object);
  return (
    pod.name.startsWith(`${workload.ref.name}-`) &&
    Object.entries(workload.template.labels).every(([key, value]) => labels[key] === value)
  );
}
