import { at, text } from '../../../model/json.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { once } from './once.ts';

/** The PersistentVolume behind a claim, by the claim's own word or by the volume's. */
export type VolumeIndex = (namespace: string, claim: string) => Resource | undefined;

export function volumeIndex(snapshot: Snapshot): VolumeIndex {
  const byClaim = once(() => {
    const found = new Map<string, Resource>();
    for (const resource of snapshot.list('PersistentVolume')) {
      const claim = at(resource.object, 'spec', 'claimRef');
      const name = text(at(claim, 'name'));
      if (name !== undefined) found.set(`${text(at(claim, 'namespace')) ?? ''}/${name}`, resource);
    }
    return found;
  });
  return (namespace, claim) => {
    const object = snapshot.get('PersistentVolumeClaim', namespace, claim)?.object;
    const volume = text(at(object, 'spec', 'volumeName'));
    const named = volume === undefined ? undefined : snapshot.get('PersistentVolume', undefined, volume);
    return named ?? byClaim().get(`${namespace}/${claim}`);
  };
}
