import { defineEdge } from '../hops/define-edge.ts';
import { inSpec, IN_POD } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { hopInto } from './a3-open-service.ts';

export const hostNetwork = defineEdge({
  id: 'B15',
  title: 'the network of the node: what listens there, on loopback too',
  technique: ['T1046'],
  matrix: ['TA9034'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const source of world.pods.at(from).filter(onHostNetwork)) {
      const because = () => [
        inSpec(source, ['hostNetwork'], `${source.namespace}/${source.name} is on the network of its node`),
      ];
      const beside = (unit: PodUnit): boolean => unit !== source && onHostNetwork(unit) && shareNode(source, unit);
      for (const { unit, port } of world.targets.all.filter((target) => beside(target.unit))) {
        const to = node('Reach', `${unit.name}:${port}`, unit.namespace);
        yield { to, needs: [source.ref, unit.ref], because };
      }
      for (const service of world.targets.services.filter(({ unit, onLoopback }) => onLoopback && beside(unit))) {
        for (const hop of hopInto(service, world))
          yield { ...hop, needs: [source.ref, service.unit.ref], because: () => [...because(), ...hop.because()] };
      }
    }
  },
  fix: 'Remove hostNetwork.',
  prove: 'Compare the interfaces of the pod with those of its node. Nothing is connected to.',
});

function onHostNetwork({ spec }: PodUnit): boolean {
  return spec['hostNetwork'] === true;
}

/** Whether both are bound to one node by name; where the scheduler puts a pod is not known. */
function shareNode(a: PodUnit, b: PodUnit): boolean {
  return a.nodes.some((name) => b.nodes.includes(name));
}
