import { matches, type Labels } from '../../../model/selectors.ts';
import type { NetworkNamespace } from '../inhabitants/namespaces.ts';
import type { PodScope } from './policy.ts';

/** Whether pods of a namespace with these labels are meant. */
export function covers(
  { namespaces: scope, pods }: Pick<PodScope, 'namespaces' | 'pods'>,
  namespace: string,
  labels: Labels,
  namespaces: ReadonlyMap<string, NetworkNamespace>,
): boolean {
  const inside =
    scope.kind === 'name' ? scope.name === namespace : matches(scope.selector, namespaces.get(namespace)?.labels ?? {});
  return inside && matches(pods, labels);
}
