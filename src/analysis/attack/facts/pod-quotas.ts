import { at, list, record } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { once } from '../world/once.ts';

/**
 * Whether new pods fit into a namespace: not where a ResourceQuota for all its pods is for none. Source:
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/.
 */
export function podQuotas(snapshot: Snapshot): (namespace: string) => boolean {
  const closed = once(() => {
    const quotas = snapshot.list('ResourceQuota').filter(({ object: { spec } }) => {
      const hard = record(at(spec, 'hard'));
      const isForAll = list(at(spec, 'scopes')).length === 0 && at(spec, 'scopeSelector') === undefined;
      return isForAll && ['pods', 'count/pods'].some((name) => String(hard[name]) === '0');
    });
    return new Set(quotas.map(({ object }) => object.metadata.namespace ?? 'default'));
  });
  return (namespace) => !closed().has(namespace);
}
