import { at, list } from '../../model/json.ts';
import { isReady } from '../../model/pods.ts';
import { each, KIND, type Controller } from './controller.ts';
import { createPod, deletePod, isActive, ownedBy, templateHash, writeStatus } from './pods.ts';
import { fitsNode } from './placement.ts';

const REVISION = 'controller-revision-hash';
/** What a daemon pod stays through, besides what its template tolerates. */
const TOLERATED = [
  ...['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
  })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoSchedule',
  })),
];

/** One pod on every node that fits; a changed template replaces one pod at a time. */
export const daemonSet: Controller = {
  name: 'daemon-set-controller',
  watches: [KIND.daemonSet, KIND.pod, KIND.node],
  reconcile(turn) {
    const { client } = turn;
    each(client.list(KIND.daemonSet), turn, (set) => {
      const { namespace, generation } = set.metadata;
      const hash = templateHash(at(set, 'spec', 'template'));
      const owned = ownedBy(set, client.list(KIND.pod, namespace));
      const active = owned.filter(isActive);
      const tolerations = [...list(at(set, 'spec', 'template', 'spec', 'tolerations')), ...TOLERATED];
      const template = { ...(at(set, 'spec', 'template', 'spec') as object), tolerations };
      const nodes = client
        .list(KIND.node)
        .filter((node) => fitsNode({ ...KIND.pod, metadata: { name: '' }, spec: template }, node));
      const wanted = new Set(nodes.map((node) => node.metadata.name));
      const onWanted = active.filter((pod) => wanted.has(String(at(pod, 'spec', 'nodeName'))));
      const ready = onWanted.filter(isReady).length;
      writeStatus(client, set, {
        observedGeneration: generation,
        desiredNumberScheduled: nodes.length,
        currentNumberScheduled: onWanted.length,
        updatedNumberScheduled: onWanted.filter((pod) => pod.metadata.labels?.[REVISION] === hash).length,
        numberMisscheduled: active.length - onWanted.length,
        numberReady: ready,
        numberAvailable: ready,
      });
      if (set.metadata.deletionTimestamp !== undefined) return;
      for (const pod of active) if (!onWanted.includes(pod)) deletePod(client, pod);
      for (const pod of owned) {
        const ended = at(pod, 'status', 'phase') === 'Failed' || at(pod, 'status', 'phase') === 'Succeeded';
        if (ended && pod.metadata.deletionTimestamp === undefined) deletePod(client, pod);
      }
      for (const nodeName of wanted) {
        if (owned.some((pod) => at(pod, 'spec', 'nodeName') === nodeName)) continue;
        createPod(client, { owner: set, labels: { [REVISION]: hash }, spec: { nodeName, tolerations } });
      }
      const outdated = onWanted.find((pod) => pod.metadata.labels?.[REVISION] !== hash);
      if (outdated && ready === nodes.length && at(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete')
        deletePod(client, outdated);
    });
  },
};
