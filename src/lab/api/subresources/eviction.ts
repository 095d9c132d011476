import { at, list, records, stringMap, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, parseSelector } from '../../../model/selectors.ts';
import { timestamp, type Call, type Core } from '../core.ts';
import { ApiError, badRequest, type Status } from '../http/status.ts';
import { child, copy } from '../objects.ts';
import type { Target } from '../operations/change.ts';
import { deleteObject, readDeleteOptions } from '../operations/delete.ts';
import { getObject } from '../operations/read.ts';

const BUDGETS = 'poddisruptionbudgets.policy';

/**
 * POST pods/NAME/eviction: a delete that asks the disruption budgets first. 429 when one has nothing left; 500 when
 * several cover the pod. Source: pkg/registry/core/pod/storage/eviction.go.
 */
export function evictPod(core: Core, call: Call, target: Target, body: unknown): Status {
  const named = text(at(body, 'metadata', 'name'));
  if (named !== undefined && named !== target.name)
    throw badRequest('name in URL does not match name in Eviction object');
  const pod = getObject(core, target.kind, target.namespace, target.name);
  const options = readDeleteOptions(at(body, 'deleteOptions'), new URLSearchParams());
  const dryRun = call.dryRun || list(at(body, 'deleteOptions', 'dryRun')).includes('All');
  const effective = { ...call, dryRun };
  if (!needsNoBudget(pod)) spendBudget(core, pod, dryRun);
  deleteObject(core, effective, target.kind, target.namespace, target.name, options);
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

/** A pod that has ended, has not begun, or is going anyway is nobody's loss. */
function needsNoBudget(pod: KubernetesObject): boolean {
  const phase = at(pod, 'status', 'phase');
  return (
    phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined
  );
}

function spendBudget(core: Core, pod: KubernetesObject, dryRun: boolean): void {
  const budgets = core.store.list(BUDGETS, pod.metadata.namespace).filter((budget) => covers(budget, pod));
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (!budget) return;
  const ready = records(at(pod, 'status', 'conditions')).some(
    ([, c]) => c['type'] === 'Ready' && c['status'] === 'True',
  );
  if (!ready && mayEvictUnhealthy(budget)) return;
  const { name } = budget.metadata;
  const says = "Cannot evict pod as it would violate the pod's disruption budget.";
  if (Number(at(budget, 'status', 'observedGeneration') ?? -1) < Number(budget.metadata['generation'] ?? 0)) {
    throw tooMany(says, `The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const allowed = Number(at(budget, 'status', 'disruptionsAllowed') ?? 0);
  if (allowed <= 0) {
    const desired = Number(at(budget, 'status', 'desiredHealthy') ?? 0);
    const current = Number(at(budget, 'status', 'currentHealthy') ?? 0);
    throw tooMany(says, `The disruption budget ${name} needs ${desired} healthy pods and has ${current} currently`, 0);
  }
  if (dryRun) return;
  const draft = copy(budget);
  const status = child(draft, 'status');
  status['disruptionsAllowed'] = allowed - 1;
  child(status, 'disruptedPods')[pod.metadata.name] = timestamp(core.now());
  core.store.put(BUDGETS, draft);
}

function covers(budget: KubernetesObject, pod: KubernetesObject): boolean {
  const raw = at(budget, 'spec', 'selector');
  const parsed = parseSelector(raw);
  return raw !== undefined && parsed.kind === 'ok' && matches(parsed.selector, stringMap(pod.metadata.labels));
}

/** By default only where the application is whole without the pod. */
function mayEvictUnhealthy(budget: KubernetesObject): boolean {
  if (at(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const current = Number(at(budget, 'status', 'currentHealthy') ?? 0);
  const desired = Number(at(budget, 'status', 'desiredHealthy') ?? 0);
  return desired > 0 && current >= desired;
}

function tooMany(message: string, cause: string, retryAfterSeconds: number): ApiError {
  return new ApiError(429, 'TooManyRequests', message, {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}
