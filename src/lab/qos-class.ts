import { at, list, record } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

/** Guaranteed when every container's limits equal its requests, BestEffort when nobody asks for anything. */
export function qosClass(pod: KubernetesObject): string {
  const containers = [...list(at(pod, 'spec', 'containers')), ...list(at(pod, 'spec', 'initContainers'))];
  const asked = containers.flatMap((container) => [
    ...Object.keys(record(at(container, 'resources', 'requests'))),
    ...Object.keys(record(at(container, 'resources', 'limits'))),
  ]);
  if (!asked.some((name) => name === 'cpu' || name === 'memory')) return 'BestEffort';
  const guaranteed = containers.every((container) => {
    const limits = record(at(container, 'resources', 'limits'));
    const requests = record(at(container, 'resources', 'requests'));
    return ['cpu', 'memory'].every(
      (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
    );
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
