import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timestamp } from '../api/core.ts';
import { each, KIND, type Controller, type Turn } from './controller.ts';
import { antiAffinityAllows, fitsNode, spreadAllows } from './placement.ts';
import { isActive, writeStatus } from './pods.ts';

/** Puts each pod on the node that fits with the fewest pods. Resources, preemption and pod affinity are not looked at. */
export const scheduler: Controller = {
  name: 'kube-scheduler',
  watches: [KIND.pod, KIND.node],
  reconcile(turn) {
    const { client } = turn;
    const waiting = client
      .list(KIND.pod)
      .filter(
        (pod) =>
          !at(pod, 'spec', 'nodeName') && isActive(pod) && records(at(pod, 'spec', 'schedulingGates')).length === 0,
      );
    each(waiting, turn, (pod) => {
      const nodes = client.list(KIND.node);
      const pods = client.list(KIND.pod);
      const load = (node: KubernetesObject): number =>
        pods.filter((other) => isActive(other) && at(other, 'spec', 'nodeName') === node.metadata.name).length;
      const [best] = nodes
        .filter((node) => at(node, 'spec', 'unschedulable') !== true && fitsNode(pod, node))
        .filter((node) => antiAffinityAllows(pod, node, nodes, pods) && spreadAllows(pod, node, nodes, pods))
        .sort((a, b) => load(a) - load(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
      if (best) client.bind(pod.metadata.namespace ?? '', pod.metadata.name, best.metadata.name);
      else markUnschedulable(turn, pod, nodes.length);
    });
  },
};

function markUnschedulable(turn: Turn, pod: KubernetesObject, nodes: number): void {
  const conditions = records(at(pod, 'status', 'conditions')).map(([, c]) => c);
  const message = `0/${nodes} nodes are available.`;
  if (conditions.some((c) => c['type'] === 'PodScheduled' && text(c['message']) === message)) return;
  const now = timestamp(turn.now);
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastProbeTime: null,
    lastTransitionTime: now,
  };
  writeStatus(turn.client, pod, { conditions: [...conditions.filter((c) => c['type'] !== 'PodScheduled'), condition] });
}
