import type { Because } from '../../../model/because.ts';
import { instanceOf, type Instance } from '../facts/cloud.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { given, IN_POD, inSpec } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import type { PodUnit } from '../facts/pod-units.ts';

const METADATA = '169.254.169.254';

export const metadataService = defineEdge({
  id: 'H4',
  title: 'the metadata service of the cloud answers a pod',
  technique: ['T1552.005'],
  matrix: ['TA9033'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const unit of world.pods.at(from)) {
      const places = [...unit.nodes, ...(unit.floating ? world.nodes.placesFor(unit.demands) : [])];
      const found = new Map<string, { readonly instance: Instance; readonly name: string }>();
      for (const name of places) {
        const instance = instanceOf(world.nodes.objectOf(name));
        if (instance && name !== undefined && !found.has(instance.principal))
          found.set(instance.principal, { instance, name });
      }
      for (const { instance, name } of found.values()) {
        if (instance.shielded && unit.spec['hostNetwork'] !== true) continue;
        const why = whyOpen(instance, unit);
        const because = (): readonly Because[] => [
          inSpec(
            unit,
            ['nodeName'],
            `${unit.namespace}/${unit.name} runs on node ${name}, which is ${instance.principal} in the cloud`,
          ),
        ];
        yield* given(world.network.reachesAddress(unit, METADATA, 80), {
          to: node('CloudPrincipal', instance.principal),
          needs: [unit.ref, { apiVersion: 'v1', kind: 'Node', name }],
          because,
          ...(why === undefined ? {} : { open: why }),
        });
      }
    }
  },
  fix: 'Deny egress to 169.254.169.254, ask for IMDSv2 with a hop limit of 1 (AWS), or turn Workload Identity on (GKE).',
  prove: 'Open one connection to 169.254.169.254:80 from inside the pod; ask it nothing.',
});

/** What is between a pod and the metadata service besides policies; undefined when nothing is. */
function whyOpen({ cloud, managed }: Instance, { spec }: PodUnit): string | undefined {
  if (!managed) return 'whether the machine has an identity in the cloud is not in the facts';
  return cloud === 'aws' && spec['hostNetwork'] !== true
    ? 'the hop limit of the machine decides, and is not in the facts'
    : undefined;
}
