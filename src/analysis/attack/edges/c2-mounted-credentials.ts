import { defineEdge } from '../hops/define-edge.ts';
import { credentialsOnDisk, floatingOn } from '../hops/groups.ts';
import { rule } from '../hops/hops.ts';

export const mountedCredentials = defineEdge({
  id: 'C2',
  title: 'tokens and Secrets under the directory of the kubelet',
  technique: ['T1528', 'T1552'],
  cost: 1,
  from: ['Root', 'HostRead'],
  *hops(from, world) {
    if (from.object === 'some') return;
    for (const unit of world.pods.on(from.name)) {
      const because = rule('kubelet', `what ${unit.namespace}/${unit.name} mounts lies in files on its node`);
      for (const to of credentialsOnDisk(unit, world)) yield { to, needs: [unit.ref], because };
    }
    const perhaps = rule('kubelet', 'what a pod mounts lies in files on its node, and the scheduler may put one there');
    for (const to of floatingOn(from.name, 'FloatingCredential', world)) yield { to, because: perhaps };
  },
  fix: 'Mount tokens and Secrets only where they are needed.',
  prove: 'Read the volumes of the pods of the node.',
});
