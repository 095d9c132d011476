import type { Controller } from './controller.ts';
import { each, KIND } from './controller.ts';

/** ServiceAccount `default` and the cluster's CA, in every namespace. */
export function namespaceContents(ca: string): Controller {
  return {
    name: 'service-account-controller',
    watches: [KIND.namespace, KIND.serviceAccount, KIND.configMap],
    reconcile(turn) {
      const { client } = turn;
      each(client.list(KIND.namespace), turn, ({ metadata }) => {
        if (metadata.deletionTimestamp !== undefined) return;
        const namespace = metadata.name;
        if (!client.get(KIND.serviceAccount, namespace, 'default')) {
          client.create({ ...KIND.serviceAccount, metadata: { name: 'default', namespace } });
        }
        if (!client.get(KIND.configMap, namespace, 'kube-root-ca.crt')) {
          client.create({
            ...KIND.configMap,
            metadata: { name: 'kube-root-ca.crt', namespace },
            data: { 'ca.crt': ca },
          });
        }
      });
    },
  };
}
