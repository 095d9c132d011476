import { at, records, stringMap, strings, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isActive, selects } from './pods.ts';

/** Whether a node's labels, taints and schedulability allow a pod. Room is not counted. */
export function fitsNode(pod: KubernetesObject, node: KubernetesObject): boolean {
  const labels = stringMap(node.metadata.labels);
  const selector = Object.entries(stringMap(at(pod, 'spec', 'nodeSelector')));
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const terms = at(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  );
  if (
    terms !== undefined &&
    !records(terms).some(([, term]) => records(term['matchExpressions']).every(([, e]) => expressionFits(e, labels)))
  )
    return false;
  return records(at(node, 'spec', 'taints')).every(
    ([, taint]) => taint['effect'] === 'PreferNoSchedule' || tolerates(pod, taint),
  );
}

/** Whether a pod tolerates a taint. */
export function tolerates(pod: KubernetesObject, taint: JsonRecord): boolean {
  return tolerationOf(pod, taint) !== undefined;
}

/** The toleration of a pod that covers a taint, if it has one. */
export function tolerationOf(pod: KubernetesObject, taint: JsonRecord): JsonRecord | undefined {
  return records(at(pod, 'spec', 'tolerations')).find(([, t]) => {
    const effect = text(t['effect']) ?? '';
    const key = text(t['key']) ?? '';
    if (effect !== '' && effect !== taint['effect']) return false;
    if (t['operator'] === 'Exists') return key === '' || key === taint['key'];
    return key === taint['key'] && (t['value'] ?? '') === (taint['value'] ?? '');
  })?.[1];
}

function expressionFits(expression: JsonRecord, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[text(expression['key']) ?? ''];
  const values = strings(expression['values']);
  switch (expression['operator']) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Whether required pod anti-affinity (of this pod, in its own namespace) leaves the node open. */
export function antiAffinityAllows(
  pod: KubernetesObject,
  node: KubernetesObject,
  nodes: readonly KubernetesObject[],
  pods: readonly KubernetesObject[],
): boolean {
  const terms = at(pod, 'spec', 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return records(terms).every(([, term]) => {
    const key = text(term['topologyKey']) ?? '';
    const domain = stringMap(node.metadata.labels)[key];
    const within = new Set(
      nodes.filter((n) => stringMap(n.metadata.labels)[key] === domain).map((n) => n.metadata.name),
    );
    return !pods.some(
      (other) =>
        isActive(other) &&
        other.metadata.namespace === pod.metadata.namespace &&
        within.has(text(at(other, 'spec', 'nodeName')) ?? '') &&
        selects(term['labelSelector'], other),
    );
  });
}

/** How many more matching pods a topology constraint of kind DoNotSchedule would leave here than elsewhere; true when allowed. */
export function spreadAllows(
  pod: KubernetesObject,
  node: KubernetesObject,
  nodes: readonly KubernetesObject[],
  pods: readonly KubernetesObject[],
): boolean {
  return records(at(pod, 'spec', 'topologySpreadConstraints')).every(([, constraint]) => {
    if (constraint['whenUnsatisfiable'] === 'ScheduleAnyway') return true;
    const key = text(constraint['topologyKey']) ?? '';
    const domainOf = new Map(nodes.map((n) => [n.metadata.name, stringMap(n.metadata.labels)[key]]));
    const own = stringMap(node.metadata.labels)[key];
    if (own === undefined) return false;
    const counts = new Map<string, number>();
    for (const domain of domainOf.values()) if (domain !== undefined) counts.set(domain, 0);
    for (const other of pods) {
      const domain = domainOf.get(text(at(other, 'spec', 'nodeName')) ?? '');
      if (
        domain !== undefined &&
        isActive(other) &&
        other.metadata.namespace === pod.metadata.namespace &&
        selects(constraint['labelSelector'], other)
      ) {
        counts.set(domain, (counts.get(domain) ?? 0) + 1);
      }
    }
    return (counts.get(own) ?? 0) + 1 - Math.min(...counts.values()) <= Number(constraint['maxSkew'] ?? 1);
  });
}
