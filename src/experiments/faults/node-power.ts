import { z } from 'zod';
import { at as dig, records } from '../../model/json.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { defineFault, MARK, RUN_LABEL, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { annotationOf, compareAndSwap, listAll } from '../objects.ts';
import { nodeMeant, NodeNameSchema, NodeOfSchema } from './targets/node-target.ts';
import { isLive, nodeOf, podName } from '../pods.ts';

/** What the lab's supervisor follows: `off` pulls the plug of a node. */
const POWER = 'lab.seaworthy.dev/power';
/** Label of nodes that follow it. */
const SWITCHABLE = 'node.seaworthy.dev/lab';

/** Time a node is given to be noticed as lost, and to come back. */
const NOTICED_WITHIN_MS = 30_000;
const BACK_WITHIN_MS = 60_000;

/**
 * A node of the lab loses its power: every process on it is gone at once, its network is silent, and nobody has said
 * goodbye. Other clusters have no switch that the API reaches; there `node-loss` comes near, or `external-command`.
 */
export const nodePower = defineFault({
  id: 'node-power',
  title: 'A node of the lab loses its power',
  tier: 'T0',
  breaks: ['node', 'pod'],
  oneShot: false,
  parameters: z.strictObject({ node: NodeNameSchema, nodeOf: NodeOfSchema }),
  async preflight({ node: named, nodeOf: runs }, at) {
    const meant = await nodeMeant(named, runs, at.cluster);
    if (meant.kind === 'refused') return meant;
    const { node } = meant;
    const found = await at.cluster.get({ apiVersion: 'v1', kind: 'Node', name: node });
    if (found.kind !== 'ok') return { kind: 'refused', because: `node ${node}: ${found.because}` };
    if (found.value.metadata.labels?.[SWITCHABLE] !== 'true')
      return {
        kind: 'refused',
        because: `node ${node} has no power switch that can be reached: it is no node of the lab`,
      };
    if (annotationOf(found.value, MARK) !== undefined)
      return { kind: 'refused', because: `another experiment holds node ${node}` };
    if (annotationOf(found.value, POWER) === 'off') return { kind: 'refused', because: `node ${node} is off already` };
    const pods = await listAll(at.cluster, 'v1', 'Pod');
    if (pods.kind !== 'ok') return { kind: 'refused', because: `the pods of ${node} can't be listed: ${pods.because}` };
    const victims = pods.value.filter((pod) => nodeOf(pod) === node && isLive(pod));
    const injection: Injection = {
      fault: 'node-power',
      id: injectionId(at.rng),
      run: at.run,
      target: refOf(found.value),
      says: `switch node ${node} off`,
      touches: {
        namespaces: [...new Set(victims.map((pod) => pod.metadata.namespace ?? 'default'))],
        pods: victims.map(podName),
        nodes: [node],
      },
      data: {},
    };
    return { kind: 'ready', injections: [injection] };
  },
  async apply({ target, id, run }, { cluster }) {
    let held = false;
    const switched = await compareAndSwap(cluster, target, (current) => {
      const mark = annotationOf(current, MARK);
      held = mark !== undefined && mark !== id;
      return mark === undefined
        ? { metadata: { annotations: { [MARK]: id, [RUN_LABEL]: run, [POWER]: 'off' } } }
        : undefined;
    });
    if (held) return { kind: 'failed', because: 'another experiment holds the node' };
    return switched.kind === 'ok' ? { kind: 'applied' } : { kind: 'failed', because: switched.because };
  },
  async undo({ target, id }, { cluster }) {
    let says = `node ${target.name} has power again`;
    const done = await compareAndSwap(cluster, target, (current) => {
      if (annotationOf(current, MARK) === id)
        return { metadata: { annotations: { [MARK]: null, [RUN_LABEL]: null, [POWER]: null } } };
      says = `node ${target.name} does not carry our mark: left alone`;
      return undefined;
    });
    if (done.kind === 'ok' || done.kind === 'missing') return { kind: 'undone', says };
    return { kind: 'failed', because: done.because };
  },
  async residue({ target, id }, { cluster, clock, signal }) {
    for (let waited = 0; ; waited += 500) {
      const found = await cluster.get(target);
      if (found.kind === 'missing') return [];
      if (found.kind !== 'ok')
        return [{ what: `node ${target.name} can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
      if (annotationOf(found.value, MARK) === id)
        return [{ what: `node ${target.name} is still off`, remedy: `kubectl annotate node ${target.name} ${POWER}-` }];
      if (isReady(found.value)) return [];
      if (waited >= BACK_WITHIN_MS || signal.aborted)
        return [{ what: `node ${target.name} is not ready again`, remedy: `kubectl describe node ${target.name}` }];
      await clock.sleep(500, signal);
    }
  },
  async bit({ target }, { cluster, clock, signal }) {
    for (let waited = 0; ; waited += 500) {
      const found = await cluster.get(target);
      if (found.kind !== 'ok') return { bit: 'unknown', says: `node ${target.name} can't be read: ${found.because}` };
      if (!isReady(found.value)) return { bit: true, says: `node ${target.name} is not ready` };
      if (waited >= NOTICED_WITHIN_MS || signal.aborted)
        return { bit: false, says: `node ${target.name} still says that it is ready` };
      await clock.sleep(500, signal);
    }
  },
});

function isReady(node: KubernetesObject): boolean {
  const ready = records(dig(node, 'status', 'conditions')).find(([, condition]) => condition['type'] === 'Ready');
  return ready?.[1]['status'] === 'True';
}
