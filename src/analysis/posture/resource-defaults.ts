import { at, record, records } from '../../model/json.ts';
import type { CheckContext } from './context.ts';
import type { PodContainer, PodSubject } from './pod-subject.ts';

/** Whether a container has a request or limit: its own, or (with --namespace-defaults) one its namespace fills in. */
export function hasResource(
  pod: PodSubject,
  container: PodContainer,
  field: 'requests' | 'limits',
  resource: 'cpu' | 'memory',
  context: CheckContext,
): boolean {
  const isSet = (from: unknown): boolean => (at(from, resource) ?? undefined) !== undefined;
  const own = record(container.container['resources']);
  if (isSet(own[field])) return true;
  // A limit without a request is taken for the request too, and a pod may carry the resources of all its containers.
  if (field === 'requests' && isSet(own['limits'])) return true;
  if (isSet(at(pod.spec, 'resources', field))) return true;
  return context.namespaceDefaults && limitRangeDefaults(pod.namespace, field, context).some(isSet);
}

function limitRangeDefaults(
  namespace: string,
  field: 'requests' | 'limits',
  { snapshot }: CheckContext,
): readonly unknown[] {
  const keys = field === 'limits' ? ['default', 'max'] : ['defaultRequest', 'default', 'max'];
  return snapshot
    .list('LimitRange')
    .filter(({ object }) => object.metadata.namespace === namespace)
    .flatMap(({ object }) => records(at(object, 'spec', 'limits')))
    .filter(([, item]) => item['type'] === 'Container')
    .flatMap(([, item]) => keys.map((key) => item[key]));
}
