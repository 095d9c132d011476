import type { Snapshot } from '../../../model/snapshot.ts';
import { secretsOf } from '../facts/pod-units.ts';
import { once } from './once.ts';
import type { PodIndex } from './pod-index.ts';

/** Names of the Secrets of a namespace: those given and those pods refer to. */
export type SecretIndex = (namespace: string) => readonly string[];

export function secretIndex(snapshot: Snapshot, pods: PodIndex): SecretIndex {
  const given = once(() =>
    Map.groupBy(snapshot.list('Secret'), ({ object: { metadata } }) => metadata.namespace ?? 'default'),
  );
  const known = new Map<string, readonly string[]>();
  return (namespace) => {
    let names = known.get(namespace);
    if (!names) {
      const here = (given().get(namespace) ?? []).map(({ object }) => object.metadata.name);
      names = [...new Set([...here, ...pods.in(namespace).flatMap(secretsOf)])];
      known.set(namespace, names);
    }
    return names;
  };
}

/** The names once a Secret of one namespace is another. */
export function secretsAfter(
  before: SecretIndex,
  changed: string,
  { snapshot, pods }: { readonly snapshot: Snapshot; readonly pods: PodIndex },
): SecretIndex {
  const fresh = secretIndex(snapshot, pods);
  return (namespace) => (namespace === changed ? fresh(namespace) : before(namespace));
}
