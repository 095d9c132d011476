import { list, record, records, text } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import { containersOf } from '../../../model/pods.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { credentialsIn, type Credential } from '../facts/credentials.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { once } from './once.ts';
import type { PodIndex } from './pod-index.ts';

/** A credential and the object it stands in. */
export interface FoundCredential extends Credential {
  readonly in: ObjectRef;
  readonly path: string;
}

/** Credentials in plain text, by who can read them. */
export interface CredentialIndex {
  /** In ConfigMaps. */
  configMaps(): readonly FoundCredential[];
  /** In the environment of a pod's containers, as its spec has it. */
  environments(): ReadonlyMap<PodUnit, readonly FoundCredential[]>;
}

export function credentialIndex(snapshot: Snapshot, pods: PodIndex): CredentialIndex {
  return {
    configMaps: once(() =>
      snapshot.list('ConfigMap').flatMap(({ object }) => {
        const values = Object.values(record(object['data'])).filter((value) => typeof value === 'string');
        return credentialsIn(values).map((one) => ({ ...one, in: refOf(object), path: 'data' }));
      }),
    ),
    environments: once(() => {
      const found = new Map<PodUnit, readonly FoundCredential[]>();
      for (const unit of pods.all()) {
        const own = environmentOf(unit);
        if (own.length > 0) found.set(unit, own);
      }
      return found;
    }),
  };
}

/** Credentials in the environment of the containers of a pod. */
export function environmentOf({ ref, spec }: PodUnit): readonly FoundCredential[] {
  if (!list(spec['containers']).some((one) => list(record(one)['env']).length > 0)) return [];
  return containersOf(spec).flatMap(({ container, name }) => {
    const values = records(container['env']).flatMap(([, entry]) => text(entry['value']) ?? []);
    return credentialsIn(values).map((one) => ({ ...one, in: ref, path: `environment of ${name}` }));
  });
}
