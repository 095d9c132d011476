import { at } from '../../model/json.ts';
import { isReady } from '../../model/pods.ts';
import { each, KIND, type Controller } from './controller.ts';
import { createPod, deletePod, isActive, ownedBy, templateHash, writeStatus } from './pods.ts';

const REVISION = 'controller-revision-hash';

/** Pods with fixed names, one after another; a changed template replaces them from the last to the first. */
export const statefulSet: Controller = {
  name: 'statefulset-controller',
  watches: [KIND.statefulSet, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    each(client.list(KIND.statefulSet), turn, (set) => {
      const { name, namespace, generation } = set.metadata;
      const all = ownedBy(set, client.list(KIND.pod, namespace));
      const hash = `${name}-${templateHash(at(set, 'spec', 'template'))}`;
      const wanted = Number(at(set, 'spec', 'replicas') ?? 1);
      const ready = all.filter((pod) => isActive(pod) && isReady(pod));
      const updated = all.filter((pod) => pod.metadata.labels?.[REVISION] === hash).length;
      const counts = {
        replicas: all.length,
        readyReplicas: ready.length,
        availableReplicas: ready.length,
        currentReplicas: updated,
        updatedReplicas: updated,
      };
      writeStatus(client, set, {
        ...counts,
        observedGeneration: generation,
        currentRevision: hash,
        updateRevision: hash,
        collisionCount: 0,
      });
      if (set.metadata.deletionTimestamp !== undefined) return;
      const parallel = at(set, 'spec', 'podManagementPolicy') === 'Parallel';
      for (let ordinal = 0; ordinal < wanted; ordinal++) {
        const pod = all.find((one) => one.metadata.name === `${name}-${ordinal}`);
        if (!pod) {
          const labels = {
            [REVISION]: hash,
            'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
            'apps.kubernetes.io/pod-index': String(ordinal),
          };
          const spec = { hostname: `${name}-${ordinal}`, subdomain: at(set, 'spec', 'serviceName') };
          createPod(client, { owner: set, name: `${name}-${ordinal}`, labels, spec });
        }
        if (pod && !isActive(pod) && pod.metadata.deletionTimestamp === undefined) deletePod(client, pod);
        if (!parallel && !(pod && isActive(pod) && isReady(pod))) return;
      }
      const surplus = all.filter((pod) => Number(pod.metadata.name.split('-').at(-1)) >= wanted && isActive(pod));
      const outdated =
        at(set, 'spec', 'updateStrategy', 'type') === 'OnDelete'
          ? []
          : all.filter((pod) => isActive(pod) && pod.metadata.labels?.[REVISION] !== hash);
      const [last] = [...surplus, ...outdated].sort(
        (a, b) => Number(b.metadata.name.split('-').at(-1)) - Number(a.metadata.name.split('-').at(-1)),
      );
      if (last && all.every((pod) => pod.metadata.deletionTimestamp === undefined)) deletePod(client, last);
    });
  },
};
