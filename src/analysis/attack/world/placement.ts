import { at, list, record, records, strings, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';

/*
 * Which nodes the scheduler may put a pod on, as far as its manifest says: nodeSelector, required node affinity, taints and
 * tolerations. Source: kube-scheduler, plugins NodeAffinity, TaintToleration and NodeUnschedulable.
 */

/** What a pod asks of a node. */
interface Demands {
  readonly selector: JsonRecord;
  readonly terms: readonly JsonRecord[];
  readonly tolerations: readonly JsonRecord[];
  /** Pods of a DaemonSet go to nodes that are closed to others, too. */
  readonly everywhere: boolean;
}

/** The demands of a pod as one text, the same for pods that go to the same nodes; empty when any that takes pods will do. */
export function demandsOf(kind: string, spec: JsonRecord): string {
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  const demands: Demands = {
    selector: record(spec['nodeSelector']),
    terms: records(at(required, 'nodeSelectorTerms')).map(([, term]) => term),
    // Kubernetes gives every pod some of these, for nodes in trouble.
    tolerations: records(spec['tolerations']).flatMap(([, one]) =>
      text(one['key'])?.startsWith('node.kubernetes.io/') ? [] : [one],
    ),
    everywhere: kind === 'DaemonSet',
  };
  const { selector, terms, tolerations, everywhere } = demands;
  const none = Object.keys(selector).length + terms.length + tolerations.length === 0 && !everywhere;
  return none ? '' : JSON.stringify(demands);
}

/** Labels and taints of the nodes that run the control plane. */
export const CONTROL_PLANE: readonly string[] = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
];

/** The nodes that meet the demands. */
export function nodesFor(written: string, nodes: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const demands: Demands =
    written === '' ? { selector: {}, terms: [], tolerations: [], everywhere: false } : (JSON.parse(written) as Demands);
  return nodes.filter((node) => isOpen(node, demands) && isChosen(node, demands));
}

function isOpen(node: KubernetesObject, { tolerations, everywhere }: Demands): boolean {
  if (at(node, 'spec', 'unschedulable') === true && !everywhere) return false;
  return taintsOf(node).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      (everywhere && taint.key.startsWith('node.kubernetes.io/')) ||
      tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export function taintsOf(node: unknown): readonly Taint[] {
  return list(at(node, 'spec', 'taints')).map((taint) => ({
    key: text(at(taint, 'key')) ?? '',
    value: text(at(taint, 'value')) ?? '',
    effect: text(at(taint, 'effect')) ?? '',
  }));
}

function tolerates(toleration: JsonRecord, { key, value, effect }: Taint): boolean {
  const wanted = text(toleration['effect']) ?? '';
  if (wanted !== '' && wanted !== effect) return false;
  const named = text(toleration['key']) ?? '';
  if (named !== '' && named !== key) return false;
  return toleration['operator'] === 'Exists' || (named !== '' && (text(toleration['value']) ?? '') === value);
}

function isChosen(node: KubernetesObject, { selector, terms }: Demands): boolean {
  const { name } = node.metadata;
  const labels = { 'kubernetes.io/hostname': name, ...stringMap(node.metadata.labels) };
  const fits = ([, { key, operator, values }]: readonly [number, JsonRecord], from: Readonly<Record<string, string>>) =>
    meets(text(key) ?? '', text(operator) ?? '', strings(values), from);
  return (
    Object.entries(selector).every(([key, value]) => meets(key, 'In', [text(value) ?? ''], labels)) &&
    (terms.length === 0 ||
      terms.some(
        (term) =>
          records(term['matchExpressions']).every((one) => fits(one, labels)) &&
          records(term['matchFields']).every((one) => fits(one, { 'metadata.name': name })),
      ))
  );
}

/** Labels that every kubelet or cloud gives its node, whether a manifest of it shows them or not. */
const GIVEN =
  /^((beta\.)?kubernetes\.io\/(os|arch)|(beta|node)\.kubernetes\.io\/instance-type|(topology|failure-domain\.beta)\.kubernetes\.io\/.*)$/;

function meets(
  key: string,
  operator: string,
  values: readonly string[],
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value === undefined ? GIVEN.test(key) : values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined || GIVEN.test(key);
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}
