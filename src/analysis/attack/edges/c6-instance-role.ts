import { instanceOf } from '../facts/cloud.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { rule } from '../hops/hops.ts';
import { node } from '../nodes.ts';

export const instanceRole = defineEdge({
  id: 'C6',
  title: 'the identity of the machine in the cloud',
  technique: ['T1552.005'],
  matrix: ['TA9028', 'TA9033'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    const object = world.nodes.objectOf(from.name);
    const instance = instanceOf(object);
    if (!instance || from.name === undefined) return;
    yield {
      to: node('CloudPrincipal', instance.principal),
      needs: [{ apiVersion: 'v1', kind: 'Node', name: from.name }],
      because: rule(
        instance.cloud,
        `the metadata service gives node ${from.name} credentials of ${instance.principal}`,
      ),
      ...(instance.managed ? {} : { open: 'whether the machine has an identity in the cloud is not in the facts' }),
    };
  },
  fix: 'Give the identity of nodes only what a kubelet needs; let workloads have their own.',
  prove: 'Read spec.providerID and the labels of the node; the metadata service is not asked.',
});
