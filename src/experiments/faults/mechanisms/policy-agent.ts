import { z } from 'zod';
import { at as dig, number, record } from '../../../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../model/object.ts';
import { matches, parseSelector } from '../../../model/selectors.ts';
import {
  MARK,
  RUN_LABEL,
  type Applied,
  type FaultContext,
  type Injection,
  type Residue,
  type TreatmentCheck,
  type Undone,
} from '../define-fault.ts';
import { annotationOf, compareAndSwap, listAll } from '../../objects.ts';
import { isLive, labelsOf, podName } from '../../pods.ts';

/** The DaemonSet that runs the agent which enforces NetworkPolicy. */
export const AgentSchema = z
  .strictObject({ namespace: z.string().min(1), daemonSet: z.string().min(1) })
  .describe('The DaemonSet of the agent that enforces policies.');
/** The DaemonSet that enforces NetworkPolicy. */
export type Agent = z.infer<typeof AgentSchema>;

/** No node has this label, so a DaemonSet that asks for it runs nowhere. */
export const NOWHERE = 'seaworthy.dev/nowhere';

function agentRef(agent: Agent): ObjectRef {
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: agent.namespace, name: agent.daemonSet };
}

/** The agent's DaemonSet with its pods, or why it can't be taken away. */
export async function findAgent(
  agent: Agent,
  { cluster }: FaultContext,
): Promise<
  | { kind: 'ready'; daemonSet: KubernetesObject; pods: readonly KubernetesObject[] }
  | { kind: 'refused'; because: string }
> {
  const found = await cluster.get(agentRef(agent));
  if (found.kind !== 'ok')
    return { kind: 'refused', because: `DaemonSet ${agent.namespace}/${agent.daemonSet}: ${found.because}` };
  if (annotationOf(found.value, MARK) !== undefined) {
    return { kind: 'refused', because: `another experiment holds DaemonSet ${agent.namespace}/${agent.daemonSet}` };
  }
  const pods = await agentPods(found.value, cluster);
  if (typeof pods === 'string') return { kind: 'refused', because: pods };
  if (pods.length === 0) return { kind: 'refused', because: 'the agent runs nowhere already' };
  return { kind: 'ready', daemonSet: found.value, pods };
}

async function agentPods(
  daemonSet: KubernetesObject,
  cluster: FaultContext['cluster'],
): Promise<readonly KubernetesObject[] | string> {
  const { namespace } = daemonSet.metadata;
  const pods = await listAll(cluster, 'v1', 'Pod', namespace === undefined ? {} : { namespace });
  if (pods.kind !== 'ok') return `the pods of the agent can't be listed: ${pods.because}`;
  const selector = parseSelector(dig(daemonSet, 'spec', 'selector'));
  return selector.kind === 'ok'
    ? pods.value.filter((pod) => isLive(pod) && matches(selector.selector, labelsOf(pod)))
    : [];
}

/** Sends the agent nowhere: its controller then stops every pod of it, and starts none. */
export async function sendAway({ target, id, run }: Injection, { cluster }: FaultContext): Promise<Applied> {
  let held = false;
  const patched = await compareAndSwap(cluster, target, (current) => {
    const mark = annotationOf(current, MARK);
    held = mark !== undefined && mark !== id;
    if (mark !== undefined) return undefined;
    return {
      metadata: { annotations: { [MARK]: id, [RUN_LABEL]: run } },
      spec: { template: { spec: { nodeSelector: { [NOWHERE]: id } } } },
    };
  });
  if (held) return { kind: 'failed', because: 'another experiment holds the agent' };
  return patched.kind === 'ok' ? { kind: 'applied' } : { kind: 'failed', because: patched.because };
}

/** Takes our node selector and mark off, and nothing else: whatever was changed meanwhile stays. */
export async function callBack({ target, id }: Injection, { cluster }: FaultContext): Promise<Undone> {
  let says = `${target.kind} ${target.namespace}/${target.name} may run again`;
  const patched = await compareAndSwap(cluster, target, (current) => {
    const selected = record(dig(current, 'spec', 'template', 'spec', 'nodeSelector'))[NOWHERE];
    const marked = annotationOf(current, MARK) === id;
    if (!marked && selected !== id) {
      says = `${target.kind} ${target.namespace}/${target.name} does not carry our mark: left alone`;
      return undefined;
    }
    return {
      metadata: { annotations: { [MARK]: null, [RUN_LABEL]: null } },
      ...(selected === id ? { spec: { template: { spec: { nodeSelector: { [NOWHERE]: null } } } } } : {}),
    };
  });
  if (patched.kind === 'ok' || patched.kind === 'missing') return { kind: 'undone', says };
  return { kind: 'failed', because: patched.because };
}

/** Our node selector still there, or the agent not back on its nodes within half a minute. */
export async function agentResidue(
  { target, id, data }: Injection,
  { cluster, clock, signal }: FaultContext,
): Promise<readonly Residue[]> {
  const wanted = number(data['pods']) ?? 1;
  for (let waited = 0; ; waited += 500) {
    const found = await cluster.get(target);
    if (found.kind === 'missing') return [];
    if (found.kind !== 'ok')
      return [{ what: `the agent can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
    if (
      annotationOf(found.value, MARK) === id ||
      record(dig(found.value, 'spec', 'template', 'spec', 'nodeSelector'))[NOWHERE] === id
    ) {
      const name = `DaemonSet ${target.namespace}/${target.name}`;
      return [{ what: `${name} is still sent nowhere`, remedy: `Remove nodeSelector ${NOWHERE} from its template.` }];
    }
    const ready = number(dig(found.value, 'status', 'numberReady')) ?? 0;
    if (ready >= wanted) return [];
    if (waited >= 30_000 || signal.aborted) {
      return [
        {
          what: `the agent is ready on ${ready} of ${wanted} nodes`,
          remedy: `kubectl -n ${target.namespace} describe daemonset ${target.name}`,
        },
      ];
    }
    await clock.sleep(500);
  }
}

/** Whether every pod of the agent is gone, waiting a little for it. */
export async function agentGone(
  { target }: Injection,
  { cluster, clock, signal }: FaultContext,
): Promise<TreatmentCheck> {
  for (let waited = 0; ; waited += 500) {
    const found = await cluster.get(target);
    if (found.kind !== 'ok') return { bit: 'unknown', says: `the agent can't be read: ${found.because}` };
    const pods = await agentPods(found.value, cluster);
    if (typeof pods === 'string') return { bit: 'unknown', says: pods };
    if (pods.length === 0) return { bit: true, says: 'no pod of the agent runs' };
    if (waited >= 15_000 || signal.aborted) return { bit: false, says: `${pods.map(podName).join(', ')} still run` };
    await clock.sleep(500, signal);
  }
}
