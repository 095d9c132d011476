import { becauseOfGap } from '../../../model/because.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { policyOf } from '../../admission/pod-security/namespace-policy.ts';
import type { Fact } from './fact.ts';

type Level = 'baseline' | 'restricted';

/**
 * Whether pods beyond a level of the Pod Security Standards get into a namespace, as its labels say. Without a
 * label everything gets in: a cluster-wide default set on the API server is not in any source.
 */
export type PodSecurity = (level: Level, namespace: string) => Fact;

export function podSecurity(snapshot: Snapshot): PodSecurity {
  const known = new Map<string, Fact>();
  return (level, namespace) => {
    const key = `${level} ${namespace}`;
    let fact = known.get(key);
    if (!fact) known.set(key, (fact = ask(snapshot, level, namespace)));
    return fact;
  };
}

function ask(snapshot: Snapshot, level: Level, namespace: string): Fact {
  const gap = snapshot.gaps(['Namespace'], namespace)[0];
  const object = snapshot.get('Namespace', undefined, namespace)?.object;
  if (!object && gap) return { holds: 'unknown', because: [becauseOfGap(gap)] };
  const enforced = policyOf(object?.metadata.labels ?? {}).policy.enforce.level;
  const refused =
    level === 'baseline' ? enforced === 'baseline' || enforced === 'restricted' : enforced === 'restricted';
  return {
    holds: !refused,
    because: [
      {
        kind: 'field',
        object: { apiVersion: 'v1', kind: 'Namespace', name: namespace },
        path: `metadata.labels['pod-security.kubernetes.io/enforce']`,
        value: enforced,
        says: refused
          ? `namespace ${namespace} enforces Pod Security ${enforced}`
          : `namespace ${namespace} lets pods beyond ${level} in`,
      },
    ],
  };
}
