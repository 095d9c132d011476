import { strings } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Core } from '../api/core.ts';
import { apiVersionOf, type ApiKind } from '../api/kinds.ts';
import { storageKey } from '../api/registry.ts';
import { each, KIND, type Controller } from './controller.ts';

/** Deletes what has lost all its owners, and finishes foreground and orphaning deletions. */
export function garbageCollector(core: Core): Controller {
  return {
    name: 'generic-garbage-collector',
    watches: [
      KIND.pod,
      KIND.deployment,
      KIND.replicaSet,
      KIND.statefulSet,
      KIND.daemonSet,
      KIND.job,
      KIND.service,
      KIND.node,
    ],
    reconcile(turn) {
      const stored = core.registry
        .kinds()
        .flatMap((kind) =>
          kind.verbs.includes('delete') ? core.store.list(storageKey(kind)).map((object) => ({ kind, object })) : [],
        );
      const alive = new Map(stored.map(({ object }) => [object.metadata.uid, object]));
      const work = new Map<KubernetesObject, ApiKind>(stored.map(({ kind, object }) => [object, kind]));
      const dependentsOf = (owner: KubernetesObject): readonly KubernetesObject[] =>
        [...work.keys()].filter((object) =>
          object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
        );
      each([...work.keys()], turn, (object) => {
        const kind = work.get(object);
        if (!kind) return;
        const name = { apiVersion: apiVersionOf(kind), kind: kind.kind };
        const { namespace, name: objectName } = object.metadata;
        const finalizers = strings(object.metadata['finalizers']);
        const release = (finalizer: string): void => {
          const kept = finalizers.filter((one) => one !== finalizer);
          turn.client.patch(name, namespace, objectName, { metadata: { finalizers: kept } });
        };
        if (object.metadata.deletionTimestamp !== undefined) {
          if (finalizers.includes('orphan')) {
            for (const dependent of dependentsOf(object)) disown(turn.client.patch, dependent, object);
            release('orphan');
          } else if (finalizers.includes('foregroundDeletion') && dependentsOf(object).length === 0)
            release('foregroundDeletion');
        }
        const owners = object.metadata.ownerReferences ?? [];
        if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return;
        const doomed = owners.every(({ uid }) => {
          const owner = alive.get(uid);
          return (
            !owner ||
            (owner.metadata.deletionTimestamp !== undefined &&
              strings(owner.metadata['finalizers']).includes('foregroundDeletion'))
          );
        });
        if (doomed)
          turn.client.delete(name, namespace, objectName, {
            propagationPolicy: 'Background',
            preconditions: { uid: object.metadata.uid },
          });
      });
    },
  };
}

type Patch = Parameters<Controller['reconcile']>[0]['client']['patch'];

function disown(patch: Patch, dependent: KubernetesObject, owner: KubernetesObject): void {
  const { apiVersion, kind, metadata } = dependent;
  const kept = (metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
  patch({ apiVersion, kind }, metadata.namespace, metadata.name, { metadata: { ownerReferences: kept } });
}
