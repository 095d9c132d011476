import { defineEdge } from '../hops/define-edge.ts';
import { floatingOn } from '../hops/groups.ts';
import { rule, tokenOf } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { secretsOf } from '../facts/pod-units.ts';

export const kubeletIdentity = defineEdge({
  id: 'C3',
  title: "the kubelet's identity: its pods' Secrets and tokens for their service accounts",
  technique: ['T1078', 'T1528'],
  cost: 1,
  from: ['Root', 'NodeIdentity'],
  *hops(from, world) {
    if (from.kind === 'Root') {
      yield {
        to: node('NodeIdentity', from.name),
        because: rule('kubelet', 'root of a node reads the client certificate of its kubelet'),
      };
      return;
    }
    const of = 'a kubelet may read the Secrets of its pods and ask for tokens of their service accounts';
    for (const unit of world.pods.on(from.name)) {
      const because = rule('Node authorizer', `${of}, here of ${unit.namespace}/${unit.name}`);
      const token = tokenOf({ namespace: unit.namespace, name: unit.serviceAccount });
      yield { to: token, needs: [unit.ref], because };
      for (const name of secretsOf(unit))
        yield { to: node('Secret', name, unit.namespace), needs: [unit.ref], because };
    }
    const because = rule('Node authorizer', `${of}; the scheduler may put this pod there`);
    for (const group of ['FloatingToken', 'FloatingSecret'] as const)
      for (const to of floatingOn(from.name, group, world)) yield { to, because };
  },
  fix: 'Keep workloads of different trust on different nodes.',
  prove: 'Ask for an access review as the node for one Secret of one of its pods.',
});
