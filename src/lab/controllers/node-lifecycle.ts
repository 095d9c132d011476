import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timestamp } from '../api/core.ts';
import { each, KIND, type Controller, type Turn } from './controller.ts';
import { tolerationOf } from './placement.ts';
import { deletePod, writeStatus } from './pods.ts';

export interface NodeLifecycleOptions {
  /** A lease older than this means that the node is lost. Upstream waits 50 s. */
  readonly lostAfterMs: number;
  /** Pods on a lost node go after at most this long, however long they tolerate it. Upstream honours 300 s. */
  readonly mostTolerationMs: number;
}

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';

/** Marks nodes whose heartbeat has stopped, taints what is not ready, and evicts the pods that don't tolerate it. */
export function nodeLifecycle(options: NodeLifecycleOptions): Controller {
  return {
    name: 'node-controller',
    watches: [KIND.node, KIND.lease],
    reconcile(turn) {
      turn.again(1000);
      each(turn.client.list(KIND.node), turn, (node) => keepNode(turn, node, options));
    },
  };
}

function keepNode(turn: Turn, node: KubernetesObject, options: NodeLifecycleOptions): void {
  const { client } = turn;
  const { name } = node.metadata;
  const renewed = text(at(client.get(KIND.lease, 'kube-node-lease', name), 'spec', 'renewTime'));
  const ready = records(at(node, 'status', 'conditions')).find(([, c]) => c['type'] === 'Ready')?.[1];
  const lost = renewed !== undefined && turn.now.getTime() - Date.parse(renewed) > options.lostAfterMs;
  if (lost && ready?.['status'] !== 'Unknown') {
    const others = records(at(node, 'status', 'conditions')).flatMap(([, c]) => (c['type'] === 'Ready' ? [] : [c]));
    const condition = {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastHeartbeatTime: renewed,
      lastTransitionTime: timestamp(turn.now),
    };
    writeStatus(client, node, { conditions: [...others, condition] });
  }
  const state = lost ? 'Unknown' : ready?.['status'];
  const wanted = state === 'True' ? undefined : state === 'Unknown' ? UNREACHABLE : NOT_READY;
  const taints = records(at(node, 'spec', 'taints')).map(([, taint]) => taint);
  const ours = (key: unknown): boolean => key === UNREACHABLE || key === NOT_READY;
  const has = taints.some((taint) => taint['key'] === wanted && taint['effect'] === 'NoExecute');
  if (wanted === undefined ? taints.some((taint) => ours(taint['key'])) : !has) {
    const kept = taints.filter((taint) => !ours(taint['key']));
    const timeAdded = timestamp(turn.now);
    const added =
      wanted === undefined
        ? []
        : [
            { key: wanted, effect: 'NoSchedule', timeAdded },
            { key: wanted, effect: 'NoExecute', timeAdded },
          ];
    const next = [...kept, ...added];
    client.patch(KIND.node, undefined, name, { spec: { taints: next.length > 0 ? next : null } });
    if (wanted === undefined) return;
  }
  const taint = taints.find((one) => ours(one['key']) && one['effect'] === 'NoExecute');
  if (!taint || wanted === undefined) return;
  if (lost) markPodsUnready(turn, name);
  const since = turn.now.getTime() - Date.parse(text(taint['timeAdded']) ?? timestamp(turn.now));
  for (const pod of client.list(KIND.pod)) {
    if (at(pod, 'spec', 'nodeName') !== name || pod.metadata.deletionTimestamp !== undefined) continue;
    const toleration = tolerationOf(pod, taint);
    const seconds = toleration?.['tolerationSeconds'];
    if (toleration && seconds === undefined) continue;
    const patience = toleration ? Math.min(Number(seconds) * 1000, options.mostTolerationMs) : 0;
    if (since >= patience) deletePod(client, pod);
  }
}

/** Nobody on a lost node says that its pods are ready, so they are not. */
function markPodsUnready(turn: Turn, node: string): void {
  for (const pod of turn.client.list(KIND.pod)) {
    if (at(pod, 'spec', 'nodeName') !== node) continue;
    const conditions = records(at(pod, 'status', 'conditions')).map(([, c]) => c);
    if (!conditions.some((c) => c['type'] === 'Ready' && c['status'] === 'True')) continue;
    writeStatus(turn.client, pod, {
      conditions: conditions.map((c) =>
        c['type'] === 'Ready'
          ? { ...c, status: 'False', reason: 'NodeNotReady', lastTransitionTime: timestamp(turn.now) }
          : c,
      ),
    });
  }
}
