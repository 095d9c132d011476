import { at, list, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { isReady } from '../../../model/pods.ts';
import type { Column } from './column.ts';

/** The columns of `kubectl get pods`. Source: pkg/printers/internalversion/printers.go. */
export function podCells(name: Column, age: Column): readonly Column[] {
  return [
    name,
    { name: 'Ready', cell: readyCount },
    { name: 'Status', cell: status },
    { name: 'Restarts', cell: (pod) => String(restarts(pod)) },
    age,
    { name: 'IP', priority: 1, cell: (pod) => text(at(pod, 'status', 'podIP')) ?? '<none>' },
    { name: 'Node', priority: 1, cell: (pod) => text(at(pod, 'spec', 'nodeName')) ?? '<none>' },
    { name: 'Nominated Node', priority: 1, cell: () => '<none>' },
    { name: 'Readiness Gates', priority: 1, cell: () => '<none>' },
  ];
}

function readyCount(pod: KubernetesObject): string {
  const ready = records(at(pod, 'status', 'containerStatuses')).filter(([, s]) => s['ready'] === true).length;
  return `${ready}/${list(at(pod, 'spec', 'containers')).length}`;
}

function restarts(pod: KubernetesObject): number {
  return records(at(pod, 'status', 'containerStatuses')).reduce(
    (sum, [, s]) => sum + Number(s['restartCount'] ?? 0),
    0,
  );
}

/** The phase, unless a container has something more telling to say. */
function status(pod: KubernetesObject): string {
  const phase = text(at(pod, 'status', 'phase')) ?? 'Unknown';
  let reason = text(at(pod, 'status', 'reason')) ?? phase;
  const waitsToSchedule = records(at(pod, 'status', 'conditions')).some(
    ([, c]) => c['type'] === 'PodScheduled' && c['reason'] === 'SchedulingGated',
  );
  if (waitsToSchedule) reason = 'SchedulingGated';
  const inits = records(at(pod, 'status', 'initContainerStatuses'));
  let initializing = false;
  for (const [index, container] of inits) {
    const terminated = at(container, 'state', 'terminated');
    if (at(terminated, 'exitCode') === 0) continue;
    const waiting = text(at(container, 'state', 'waiting', 'reason'));
    if (terminated !== undefined)
      reason = `Init:${text(at(terminated, 'reason')) ?? `ExitCode:${String(at(terminated, 'exitCode'))}`}`;
    else if (waiting !== undefined && waiting !== 'PodInitializing') reason = `Init:${waiting}`;
    else reason = `Init:${index}/${list(at(pod, 'spec', 'initContainers')).length}`;
    initializing = true;
    break;
  }
  if (!initializing) {
    let running = false;
    for (const [, container] of [...records(at(pod, 'status', 'containerStatuses'))].reverse()) {
      const waiting = text(at(container, 'state', 'waiting', 'reason'));
      const terminated = at(container, 'state', 'terminated');
      if (waiting) reason = waiting;
      else if (terminated !== undefined)
        reason = text(at(terminated, 'reason')) ?? `ExitCode:${String(at(terminated, 'exitCode'))}`;
      else if (container['ready'] === true && at(container, 'state', 'running') !== undefined) running = true;
    }
    if (reason === 'Completed' && running) reason = isReady(pod) ? 'Running' : 'NotReady';
  }
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  return phase === 'Failed' || phase === 'Succeeded' ? reason : 'Terminating';
}
