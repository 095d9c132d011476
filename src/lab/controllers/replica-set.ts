import { at } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isReady } from '../../model/pods.ts';
import { each, KIND, type Controller } from './controller.ts';
import { createPod, deletePod, isActive, ownedBy, writeStatus } from './pods.ts';

/** Keeps as many pods as a ReplicaSet asks for; the least useful go first. */
export const replicaSet: Controller = {
  name: 'replicaset-controller',
  watches: [KIND.replicaSet, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    each(client.list(KIND.replicaSet), turn, (set) => {
      const pods = ownedBy(set, client.list(KIND.pod, set.metadata.namespace)).filter(isActive);
      const ready = pods.filter(isReady).length;
      const { generation } = set.metadata;
      writeStatus(client, set, {
        replicas: pods.length,
        fullyLabeledReplicas: pods.length,
        readyReplicas: ready,
        availableReplicas: ready,
        observedGeneration: generation,
      });
      if (set.metadata.deletionTimestamp !== undefined) return;
      const wanted = Number(at(set, 'spec', 'replicas') ?? 1);
      for (let missing = wanted - pods.length; missing > 0; missing--) createPod(client, { owner: set });
      for (const pod of [...pods].sort(byUse).slice(0, Math.max(0, pods.length - wanted))) deletePod(client, pod);
    });
  },
};

/** Unscheduled before scheduled, unready before ready, younger before older. */
function byUse(a: KubernetesObject, b: KubernetesObject): number {
  const rank = (pod: KubernetesObject): number => (at(pod, 'spec', 'nodeName') ? 1 : 0) + (isReady(pod) ? 2 : 0);
  return rank(a) - rank(b) || ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1);
}
