import type { Core } from '../api/core.ts';
import { apiVersionOf } from '../api/kinds.ts';
import { storageKey } from '../api/registry.ts';
import { each, KIND, type Controller } from './controller.ts';

const RETRY_MS = 300;

/** Empties a namespace that is going, and lets it go when nothing is left. */
export function namespaceFinalizer(core: Core): Controller {
  return {
    name: 'namespace-controller',
    watches: [KIND.namespace, KIND.pod],
    reconcile(turn) {
      const { client } = turn;
      each(client.list(KIND.namespace), turn, (namespace) => {
        if (namespace.metadata.deletionTimestamp === undefined) return;
        let left = 0;
        for (const kind of core.registry.kinds()) {
          if (!kind.namespaced || !kind.verbs.includes('delete')) continue;
          for (const object of core.store.list(storageKey(kind), namespace.metadata.name)) {
            left++;
            if (object.metadata.deletionTimestamp !== undefined) continue;
            const name = { apiVersion: apiVersionOf(kind), kind: kind.kind };
            client.delete(name, namespace.metadata.name, object.metadata.name, { propagationPolicy: 'Background' });
          }
        }
        if (left > 0) turn.again(RETRY_MS);
        else core.store.remove('namespaces', namespace);
      });
    },
  };
}
