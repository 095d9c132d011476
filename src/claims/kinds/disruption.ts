import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, number, text } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import { matches, parseSelector } from '../../model/selectors.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { Workload } from '../../model/workloads.ts';
import { namespaceOf, type Facts } from '../facts.ts';
import { holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { unseenPods } from './endpoints.ts';
import { replicasOf } from './replicas.ts';

const BUDGET = 'PodDisruptionBudget.policy';
const AUTOSCALER = 'HorizontalPodAutoscaler.autoscaling';

/**
 * How many pods a disruption budget lets go while all are healthy, by the number of pods its workloads ask for. Where
 * an autoscaler sets that number, its lower bound counts: that is when a drain has the least room.
 */
export function judgeDisruption(
  facts: Facts,
  namespace: string,
  { budget: name, evictable: wanted }: { readonly budget: string; readonly evictable: number },
): Judgement {
  const { snapshot } = facts;
  const budget = snapshot.get(BUDGET, namespace, name);
  if (!budget)
    return vacuous(`PodDisruptionBudget ${namespace}/${name}`, snapshot.gaps([BUDGET], namespace).map(becauseOfGap));
  const selector = parseSelector(at(budget.object, 'spec', 'selector'));
  const gaps = snapshot.gaps([...WORKLOAD_KINDS, AUTOSCALER], namespace).map(becauseOfGap);
  if (selector.kind === 'invalid')
    return unknown(
      field(facts, budget, ['spec', 'selector'], `the selector of the budget is invalid: ${selector.says}`),
    );
  const nothing = at(budget.object, 'spec', 'selector') == null;
  const guarded = nothing
    ? []
    : facts.workloads.filter(
        (workload) => namespaceOf(workload) === namespace && matches(selector.selector, workload.template.labels),
      );
  if (guarded.length === 0)
    return vacuous(`a pod under PodDisruptionBudget ${namespace}/${name}`, [...unseenPods(facts, namespace), ...gaps]);
  const counts = guarded.map((workload) => atLeastReplicas(facts, workload));
  if (counts.some((count) => count === undefined)) {
    return unknown(
      { kind: 'parameter', parameter: 'numberOfPods', says: 'how many pods there are depends on the cluster' },
      ...gaps,
    );
  }
  const pods = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const names = guarded.map(({ ref }) => `${ref.kind} ${ref.name}`).join(', ');
  const { spare, because } = spareOf(facts, budget, pods, names);
  if (spare === undefined || gaps.length > 0) return unknown(because, ...gaps);
  return spare >= wanted ? holds(because) : violated(because);
}

/** Pods that may be missing by the budget, of so many. */
function spareOf(
  facts: Facts,
  budget: Resource,
  pods: number,
  names: string,
): { readonly spare: number | undefined; readonly because: Because } {
  const { maxUnavailable, minAvailable } = (budget.object['spec'] ?? {}) as Readonly<Record<string, unknown>>;
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    const spare = shareOf(maxUnavailable, pods);
    const says = `maxUnavailable ${JSON.stringify(maxUnavailable)} of the ${counted(pods)} of ${names} lets ${spare ?? 'an unknown number'} go`;
    return { spare, because: field(facts, budget, ['spec', 'maxUnavailable'], says) };
  }
  if (minAvailable !== undefined && minAvailable !== null) {
    const keep = shareOf(minAvailable, pods);
    const spare = keep === undefined ? undefined : Math.max(0, pods - keep);
    const blocked = spare === 0 ? ': draining their nodes waits for ever' : '';
    const says = `minAvailable ${JSON.stringify(minAvailable)} of the ${counted(pods)} of ${names} lets ${spare ?? 'an unknown number'} go${blocked}`;
    return { spare, because: field(facts, budget, ['spec', 'minAvailable'], says) };
  }
  // The API server treats a budget without either as minAvailable 1.
  const spare = Math.max(0, pods - 1);
  return {
    spare,
    because: field(
      facts,
      budget,
      ['spec'],
      `the budget names no number, which means minAvailable 1 of the ${counted(pods)} of ${names}`,
    ),
  };
}

function counted(pods: number): string {
  return pods === 1 ? '1 pod' : `${pods} pods`;
}

/** A number or a percentage of the pods, rounded up as the disruption controller does. */
function shareOf(written: unknown, pods: number): number | undefined {
  if (typeof written === 'number') return Math.min(written, pods);
  const percent = /^(\d+)%$/.exec(text(written) ?? '')?.[1];
  return percent === undefined ? undefined : Math.min(pods, Math.ceil((Number(percent) * pods) / 100));
}

/** Replicas asked for, or the least an autoscaler may choose. */
function atLeastReplicas(facts: Facts, workload: Workload): number | undefined {
  const scaler = facts.snapshot.list(AUTOSCALER).find(({ object }) => {
    const target = at(object, 'spec', 'scaleTargetRef');
    return (
      object.metadata.namespace === workload.ref.namespace &&
      at(target, 'kind') === workload.ref.kind &&
      at(target, 'name') === workload.ref.name
    );
  });
  return scaler ? (number(at(scaler.object, 'spec', 'minReplicas')) ?? 1) : replicasOf(workload);
}

function field(facts: Facts, budget: Resource, path: readonly (string | number)[], says: string): Because {
  const position = facts.snapshot.locate(budget, path);
  return {
    kind: 'field',
    object: refOf(budget.object),
    path: path.join('.'),
    value: at(budget.object, ...path),
    says,
    ...(position ? { at: position } : {}),
  };
}
