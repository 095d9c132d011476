import { at, records } from '../../../model/json.ts';
import type { ContainerEntry } from '../../../model/pods.ts';
import type { Workload } from '../../../model/workloads.ts';

/**
 * Whether a container runs when somebody is in its pod. An init container has ended by then, unless it is a sidecar: `ended`
 * where the status of every pod says so, `starting` where none is given, since it runs whenever a pod of the template starts.
 */
export type ContainerState = 'running' | 'starting' | 'ended';

const STATUSES = {
  containers: 'containerStatuses',
  initContainers: 'initContainerStatuses',
  ephemeralContainers: 'ephemeralContainerStatuses',
} as const;

/** The state of a container in the pods of a workload; `running` when it is so in one of them. */
export function stateOf({ pods }: Workload, { list, name, container }: ContainerEntry): ContainerState {
  if (list === 'containers' || container['restartPolicy'] === 'Always') return 'running';
  const inPods = pods.map(({ object: pod }): ContainerState => {
    const status = records(at(pod, 'status', STATUSES[list])).find(([, one]) => one['name'] === name)?.[1];
    if (at(status, 'state', 'terminated') !== undefined) return 'ended';
    if (list === 'ephemeralContainers' || at(status, 'state', 'running') !== undefined) return 'running';
    // A pod is Running once its init containers have ended.
    return at(pod, 'status', 'phase') === 'Running' ? 'ended' : 'starting';
  });
  return (
    (['running', 'starting'] as const).find((state) => inPods.includes(state)) ??
    (pods.length > 0 ? 'ended' : 'starting')
  );
}
