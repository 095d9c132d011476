import { kindKey, refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { controllerOf } from '../../../model/workloads.ts';
import type { Profile } from '../profiles/profile.ts';

/** The top of an owner chain; without a resource where only its name is known, and for pods. */
export interface Top {
  readonly ref: ObjectRef;
  readonly resource?: Resource;
}

/** Finds the top of an owner chain as far as it was read; remembers every owner seen. */
export function topFinder(snapshot: Snapshot, profile: Profile): (object: KubernetesObject) => Top {
  const tops = new Map<string, Top>();
  const find = (ref: ObjectRef, depth: number): Top => {
    const id = `${ref.namespace}/${ref.kind}/${ref.name}`;
    const known = tops.get(id);
    if (known) return known;
    const resource = profile.foldOwners
      ? snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)
      : undefined;
    const owner = resource && depth < 10 ? controllerOf(resource.object) : undefined;
    const top = owner ? find(owner, depth + 1) : resource ? { ref: refOf(resource.object), resource } : { ref };
    tops.set(id, top);
    return top;
  };
  return (object) => {
    const owner = object.kind === 'Pod' || profile.foldOwners ? controllerOf(object) : undefined;
    if (owner) return profile.foldOwners ? find(owner, 0) : { ref: owner };
    const ref = refOf(object);
    if (object.kind === 'Pod') return { ref };
    const resource = snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name);
    return resource ? { ref, resource } : { ref };
  };
}
