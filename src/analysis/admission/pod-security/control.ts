import { isRecord, record, text, type JsonRecord } from '../../../model/json.ts';
import type { ContainerEntry } from '../../../model/pods.ts';
import type { Labels } from '../../../model/selectors.ts';

/** A pod as the API server sees it when it judges: defaults filled in, containers listed in upstream's order. */
export interface JudgedPod {
  readonly annotations: Labels;
  readonly spec: JsonRecord;
  readonly containers: readonly ContainerEntry[];
}

/** A field that breaks a control. */
export interface Offence {
  /** From the pod: `['spec', 'containers', 0, 'ports', 1, 'hostPort']`. */
  readonly path: readonly (string | number)[];
  readonly container?: string;
}

/** Why a control refuses a pod, in upstream's words. */
export interface Refusal {
  readonly reason: string;
  readonly detail: string;
  readonly offences: readonly Offence[];
}

/** How one version of a control judges a pod; undefined where it has no objection. */
export type Judge = (pod: JudgedPod) => Refusal | undefined;

/**
 * One control of the Pod Security Standards, as `k8s.io/pod-security-admission/policy` defines it: an id, a level
 * and, per first minor version of Kubernetes 1, how a pod is judged.
 */
export interface Control {
  /** As upstream writes it: `hostPorts`. Reported in lower case. */
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  readonly title: string;
  /** Strictly increasing. A control does not exist before its first entry. */
  readonly versions: readonly {
    readonly from: number;
    readonly judge: Judge;
    /** The baseline control this one stands in for at level restricted. */
    readonly replaces?: string;
  }[];
}

/** Checks the shape of a control. */
export function defineControl(control: Control): Control {
  return control;
}

/** `"a", "b"`: names in the order given. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** The form of a word that goes with a count, as upstream's messages have it. */
export function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}

/** Each value once, sorted by code unit as Go sorts strings. */
export function sortedSet(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}

/** `container "a"` or `containers "a", "b"`. */
export function namedContainers(names: readonly string[]): string {
  return `${plural('container', 'containers', names.length)} ${quoted(names)}`;
}

/** The securityContext of a container; empty where it has none. */
export function securityContextOf(entry: ContainerEntry): JsonRecord {
  return record(entry.container['securityContext']);
}

/** The securityContext of the pod; empty where it has none. */
export function podSecurityContextOf(pod: JudgedPod): JsonRecord {
  return record(pod.spec['securityContext']);
}

/** The offence of a field below a container's securityContext; of the container itself where nothing is set. */
export function containerOffence(entry: ContainerEntry, ...below: readonly (string | number)[]): Offence {
  return { path: ['spec', ...entry.path, ...below], container: entry.name };
}

/** Whether the pod says that it is for Windows, where Linux-only fields may not be set. */
export function isWindowsPod(pod: JudgedPod): boolean {
  return record(pod.spec['os'])['name'] === 'windows';
}

/** Whether the pod runs in its own user namespace, where root in the container is nobody on the node. */
export function hasUserNamespace(pod: JudgedPod): boolean {
  return pod.spec['hostUsers'] === false;
}

/** The `type` of a profile field that is set (`''` for `{}`); undefined when the field is absent or null. */
export function profileType(context: JsonRecord, field: string): string | undefined {
  const profile = context[field];
  return isRecord(profile) ? (text(profile['type']) ?? '') : undefined;
}

/** Names of everything that set a bad value: `pod and containers "a", "b"`. */
export function settersOf(podIsBad: boolean, containers: readonly string[], more: readonly string[] = []): string {
  const setters = [
    ...(podIsBad ? ['pod'] : []),
    ...(containers.length > 0 ? [namedContainers(containers)] : []),
    ...more,
  ];
  return setters.join(' and ');
}
