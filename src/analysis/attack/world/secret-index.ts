import type { Snapshot } from '../../../model/snapshot.ts';
import { secretsOf } from '../pod-units.ts';
import { once } from './once.ts';
import type { PodIndex } from './pod-index.ts';

/** Names of the Secrets of a namespace: those given and those pods refer to. */
export type SecretIndex = (namespace: string) => readonly string[];

export function secretIndex(snapshot: Snapshot, pods: PodIndex): SecretIndex {
  const byNamespace = once(() => {
    const found = new Map<string, Set<string>>();
    const add = (namespace: string, name: string): void => {
      const here = found.get(namespace);
      if (here) here.add(name);
      else found.set(namespace, new Set([name]));
    };
    for (const { object } of snapshot.list('Secret')) add(object.metadata.namespace ?? 'default', object.metadata.name);
    for (const unit of pods.all()) for (const name of secretsOf(unit)) add(unit.namespace, name);
    return found;
  });
  return (namespace) => [...(byNamespace().get(namespace) ?? [])];
}
