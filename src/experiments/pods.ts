import { at as dig, stringMap, text } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

/** Whether a pod has neither ended nor been told to. */
export function isLive(pod: KubernetesObject): boolean {
  const phase = text(dig(pod, 'status', 'phase'));
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}

/** `namespace/name`. */
export function podName(pod: KubernetesObject): string {
  return `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
}

/** The node a pod was put on. */
export function nodeOf(pod: KubernetesObject): string | undefined {
  return text(dig(pod, 'spec', 'nodeName'));
}

/** Labels of a pod, for selectors. */
export function labelsOf(pod: KubernetesObject): Readonly<Record<string, string>> {
  return stringMap(pod.metadata.labels);
}
