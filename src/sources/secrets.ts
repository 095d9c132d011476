import { isRecord } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The Secret with its keys and without its values; `kubectl apply` leaves a copy of them in an annotation. */
export function withoutSecretValues(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const bare: Record<string, unknown> = { ...object };
  for (const field of ['data', 'stringData']) {
    const values = object[field];
    if (isRecord(values)) bare[field] = Object.fromEntries(Object.keys(values).map((key) => [key, null]));
  }
  const { annotations } = object.metadata;
  if (!annotations || !(LAST_APPLIED in annotations)) return bare as KubernetesObject;
  const { [LAST_APPLIED]: _, ...kept } = annotations;
  return { ...bare, metadata: { ...object.metadata, annotations: kept } } as KubernetesObject;
}

/** Whether an object holds values that `withoutSecretValues` would leave out. */
export function holdsSecretValues(object: KubernetesObject): boolean {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return false;
  return ['data', 'stringData'].some((field) => {
    const values = object[field];
    return isRecord(values) && Object.values(values).some((value) => value !== null);
  });
}
