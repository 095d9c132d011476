import { z } from 'zod';
import { refOf } from '../../model/object.ts';
import { controllerOf } from '../../model/workloads.ts';
import { record, strings, text } from '../../model/json.ts';
import { defineFault, endedByGuard, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { agentGone, agentResidue, AgentSchema, callBack, findAgent, sendAway } from './mechanisms/policy-agent.ts';
import { nodeOf, podName } from '../pods.ts';
import { podsOf, PodTargetSchema } from './targets/pod-target.ts';

/**
 * The agent is too slow: pods start before their policies are there. Made by holding the agent back, letting the pods
 * start again meanwhile, and giving it back at the end of the fault.
 */
export const policyAgentLag = defineFault({
  id: 'policy-agent-lag',
  title: 'Pods start before the network policy agent has seen them',
  tier: 'T0',
  breaks: ['networkPolicyEnforcement', 'pod'],
  oneShot: false,
  parameters: z.strictObject({
    agent: AgentSchema,
    restart: PodTargetSchema.describe('The pods that start again while the agent is held back.'),
  }),
  async preflight({ agent, restart }, at) {
    const found = await findAgent(agent, at);
    if (found.kind === 'refused') return found;
    const pods = await podsOf(at.cluster, restart);
    if (pods.kind !== 'ok')
      return { kind: 'refused', because: `pods of ${restart.namespace} can't be listed: ${pods.because}` };
    if (pods.value.length === 0)
      return { kind: 'refused', because: `no live pod of ${restart.namespace} has these labels` };
    const bare = pods.value.find((pod) => controllerOf(pod) === undefined);
    if (bare)
      return { kind: 'refused', because: `pod ${podName(bare)} has no controller: nothing would bring it back` };
    const injection: Injection = {
      fault: 'policy-agent-lag',
      id: injectionId(at.rng),
      run: at.run,
      target: {
        ...refOf(found.daemonSet),
        ...(found.daemonSet.metadata.uid === undefined ? {} : { uid: found.daemonSet.metadata.uid }),
      },
      says: `hold DaemonSet ${agent.namespace}/${agent.daemonSet} back and restart ${pods.value.map(podName).join(', ')}`,
      touches: {
        namespaces: [...new Set([agent.namespace, restart.namespace])],
        pods: [...found.pods, ...pods.value].map(podName),
        nodes: found.pods.flatMap((pod) => nodeOf(pod) ?? []),
      },
      data: {
        pods: found.pods.length,
        restart: {
          namespace: restart.namespace,
          uids: pods.value.map((pod) => `${pod.metadata.name}=${pod.metadata.uid ?? ''}`),
        },
      },
    };
    return { kind: 'ready', injections: [injection] };
  },
  async apply(injection, at) {
    const away = await sendAway(injection, at);
    if (away.kind === 'failed') return away;
    const gone = await agentGone(injection, at);
    if (gone.bit !== true) return { kind: 'failed', because: `the agent did not stop: ${gone.says}` };
    const { namespace, uids } = record(injection.data['restart']);
    for (const entry of strings(uids)) {
      const [name = '', uid = ''] = entry.split('=');
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace: text(namespace) ?? '', name };
      const deleted = await at.cluster.delete(ref, { ...(uid === '' ? {} : { uid }), gracePeriodSeconds: 0 });
      if (deleted.kind === 'forbidden') return { kind: 'failed', because: deleted.because };
    }
    return { kind: 'applied' };
  },
  undo: callBack,
  endsBy: ({ target }) => endedByGuard(`${target.kind} ${target.namespace}/${target.name} runs nowhere`),
  residue: agentResidue,
  bit: agentGone,
});
