import { z } from 'zod';
import { at as dig, records, text } from '../../model/json.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { controllerOf } from '../../model/workloads.ts';
import { defineFault, endedByGuard, MARK, RUN_LABEL, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { annotationOf, compareAndSwap, listAll } from '../objects.ts';
import { nodeMeant, NodeNameSchema, NodeOfSchema } from './targets/node-target.ts';
import { isLive, nodeOf, podName } from '../pods.ts';

/**
 * A node is lost to its workloads: it takes no new pods and those it runs are killed without grace. What a dead node
 * has on top of that, silence on the network and the minutes until it is noticed, needs somebody at the node: use
 * `external-command` for it.
 */
export const nodeLoss = defineFault({
  id: 'node-loss',
  title: 'A node is emptied: cordoned, and its pods killed',
  tier: 'T0',
  breaks: ['node', 'pod'],
  oneShot: false,
  parameters: z.strictObject({
    node: NodeNameSchema,
    nodeOf: NodeOfSchema,
    namespaces: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Only pods of these namespaces are killed; those named by blastRadius otherwise.'),
  }),
  async preflight({ node: named, nodeOf: runs, namespaces }, at) {
    const meant = await nodeMeant(named, runs, at.cluster);
    if (meant.kind === 'refused') return meant;
    const { node } = meant;
    const found = await at.cluster.get({ apiVersion: 'v1', kind: 'Node', name: node });
    if (found.kind !== 'ok') return { kind: 'refused', because: `node ${node}: ${found.because}` };
    if (annotationOf(found.value, MARK) !== undefined)
      return { kind: 'refused', because: `another experiment holds node ${node}` };
    const nodes = await listAll(at.cluster, 'v1', 'Node');
    const others =
      nodes.kind === 'ok' ? nodes.value.filter((other) => other.metadata.name !== node && isOpen(other)) : [];
    if (others.length === 0) return { kind: 'refused', because: `no other node is ready to take the pods of ${node}` };
    const [only, ...more] = namespaces ?? [];
    const pods = await listAll(
      at.cluster,
      'v1',
      'Pod',
      only === undefined || more.length > 0 ? {} : { namespace: only },
    );
    if (pods.kind !== 'ok') return { kind: 'refused', because: `the pods of ${node} can't be listed: ${pods.because}` };
    // A DaemonSet's pod would come back to this very node, and a static or bare pod never.
    const victims = pods.value.filter((pod) => {
      const owner = controllerOf(pod);
      const included = namespaces === undefined || namespaces.includes(pod.metadata.namespace ?? '');
      return included && nodeOf(pod) === node && isLive(pod) && owner !== undefined && owner.kind !== 'DaemonSet';
    });
    if (victims.length === 0)
      return { kind: 'refused', because: `node ${node} runs no pod that a controller would bring back elsewhere` };
    const injection: Injection = {
      fault: 'node-loss',
      id: injectionId(at.rng),
      run: at.run,
      target: refOf(found.value),
      says: `cordon node ${node} and kill ${victims.map(podName).join(', ')}`,
      touches: {
        namespaces: [...new Set(victims.map((pod) => pod.metadata.namespace ?? 'default'))],
        pods: victims.map(podName),
        nodes: [node],
      },
      data: {
        wasUnschedulable: dig(found.value, 'spec', 'unschedulable') === true,
        victims: victims.map((pod) => ({
          namespace: pod.metadata.namespace,
          name: pod.metadata.name,
          uid: pod.metadata.uid,
        })),
      },
    };
    return { kind: 'ready', injections: [injection] };
  },
  async apply({ target, id, run, data }, { cluster }) {
    let held = false;
    const cordoned = await compareAndSwap(cluster, target, (current) => {
      const mark = annotationOf(current, MARK);
      held = mark !== undefined && mark !== id;
      if (mark !== undefined) return undefined;
      return { metadata: { annotations: { [MARK]: id, [RUN_LABEL]: run } }, spec: { unschedulable: true } };
    });
    if (held) return { kind: 'failed', because: 'another experiment holds the node' };
    if (cordoned.kind !== 'ok') return { kind: 'failed', because: cordoned.because };
    for (const victim of victimsOf(data)) {
      const { uid, ...ref } = victim;
      const deleted = await cluster.delete(ref, { ...(uid === undefined ? {} : { uid }), gracePeriodSeconds: 0 });
      if (deleted.kind === 'forbidden') return { kind: 'failed', because: deleted.because };
    }
    return { kind: 'applied' };
  },
  async undo({ target, id, data }, { cluster }) {
    let says = `node ${target.name} takes pods again`;
    const done = await compareAndSwap(cluster, target, (current) => {
      if (annotationOf(current, MARK) !== id) {
        says = `node ${target.name} does not carry our mark: left alone`;
        return undefined;
      }
      const unmark = { metadata: { annotations: { [MARK]: null, [RUN_LABEL]: null } } };
      return data['wasUnschedulable'] === true ? unmark : { ...unmark, spec: { unschedulable: null } };
    });
    if (done.kind === 'ok' || done.kind === 'missing') return { kind: 'undone', says };
    return { kind: 'failed', because: done.because };
  },
  endsBy: ({ target }) => endedByGuard(`node ${target.name} takes no pods`),
  async residue({ target, id }, { cluster }) {
    const found = await cluster.get(target);
    if (found.kind === 'missing') return [];
    if (found.kind !== 'ok')
      return [{ what: `node ${target.name} can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
    if (annotationOf(found.value, MARK) !== id) return [];
    return [{ what: `node ${target.name} is still marked and cordoned`, remedy: `kubectl uncordon ${target.name}` }];
  },
  async bit({ target, id, data }, { cluster }) {
    const node = await cluster.get(target);
    if (node.kind !== 'ok') return { bit: 'unknown', says: `node ${target.name} can't be read: ${node.because}` };
    if (annotationOf(node.value, MARK) !== id || dig(node.value, 'spec', 'unschedulable') !== true) {
      return { bit: false, says: `node ${target.name} is not cordoned by us` };
    }
    const still: string[] = [];
    for (const { uid, ...ref } of victimsOf(data)) {
      const found = await cluster.get(ref);
      if (
        found.kind === 'ok' &&
        found.value.metadata.uid === uid &&
        found.value.metadata.deletionTimestamp === undefined
      )
        still.push(ref.name);
    }
    return still.length === 0
      ? { bit: true, says: `node ${target.name} is cordoned and the pods it ran are gone` }
      : { bit: false, says: `${still.join(', ')} still run on ${target.name}` };
  },
});

function victimsOf(data: Injection['data']): readonly Injection['target'][] {
  return records(data['victims']).map(([, victim]) => {
    const uid = text(victim['uid']);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: text(victim['namespace']) ?? 'default',
      name: text(victim['name']) ?? '',
      ...(uid === undefined ? {} : { uid }),
    };
  });
}

/** Ready and taking pods. */
function isOpen(node: KubernetesObject): boolean {
  const ready = records(dig(node, 'status', 'conditions')).find(([, condition]) => condition['type'] === 'Ready');
  return ready?.[1]['status'] === 'True' && dig(node, 'spec', 'unschedulable') !== true;
}
