import { at, number } from '../../model/json.ts';
import { isCompleted } from '../../model/pods.ts';
import { kindKey } from '../../model/object.ts';
import type { Workload } from '../../model/workloads.ts';

/**
 * Pods a workload asks for; undefined where the number depends on the cluster (a DaemonSet has one a node) or on
 * another controller. A bare pod is one.
 */
export function replicasOf(workload: Workload): number | undefined {
  const { ref, resource, pods } = workload;
  switch (kindKey(ref.apiVersion, ref.kind)) {
    case 'Deployment.apps':
    case 'StatefulSet.apps':
    case 'ReplicaSet.apps':
    case 'ReplicationController':
      return resource
        ? (number(at(resource.object, 'spec', 'replicas')) ?? 1)
        : pods.filter(({ object }) => !isCompleted(object)).length;
    case 'Pod':
      return 1;
    case 'DaemonSet.apps': {
      const desired = number(resource && at(resource.object, 'status', 'desiredNumberScheduled'));
      return desired;
    }
    default:
      return undefined;
  }
}
