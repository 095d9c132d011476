import { z } from 'zod';
import { refOf } from '../../model/object.ts';
import { defineFault, endedByGuard, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { agentGone, agentResidue, AgentSchema, callBack, findAgent, sendAway } from './mechanisms/policy-agent.ts';
import { nodeOf, podName } from '../pods.ts';

/** The agent that enforces NetworkPolicy stops on every node and stays away. What it wrote into the kernel stays; new pods get nothing. */
export const policyAgentLoss = defineFault({
  id: 'policy-agent-loss',
  title: 'The network policy agent is gone',
  tier: 'T0',
  breaks: ['networkPolicyEnforcement'],
  oneShot: false,
  parameters: z.strictObject({ agent: AgentSchema }),
  async preflight({ agent }, at) {
    const found = await findAgent(agent, at);
    if (found.kind === 'refused') return found;
    const injection: Injection = {
      fault: 'policy-agent-loss',
      id: injectionId(at.rng),
      run: at.run,
      target: {
        ...refOf(found.daemonSet),
        ...(found.daemonSet.metadata.uid === undefined ? {} : { uid: found.daemonSet.metadata.uid }),
      },
      says: `send DaemonSet ${agent.namespace}/${agent.daemonSet} nowhere (${found.pods.length} pods stop)`,
      touches: {
        namespaces: [agent.namespace],
        pods: found.pods.map(podName),
        nodes: found.pods.flatMap((pod) => nodeOf(pod) ?? []),
      },
      data: { pods: found.pods.length },
    };
    return { kind: 'ready', injections: [injection] };
  },
  apply: sendAway,
  undo: callBack,
  endsBy: ({ target }) => endedByGuard(`${target.kind} ${target.namespace}/${target.name} runs nowhere`),
  residue: agentResidue,
  bit: agentGone,
});
