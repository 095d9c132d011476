import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { contained } from '../hops/escapes.ts';
import { containersAt, IN_POD, rule } from '../hops/hops.ts';
import type { NodeHole } from '../facts/node-holes.ts';
import { node } from '../nodes.ts';
import type { World } from '../world/world.ts';

export const nodeHoles = defineEdge({
  id: 'B19',
  title: 'a known hole in the kernel, the container runtime or the kubelet of the node',
  technique: ['T1068', 'T1611'],
  cost: 4,
  from: [...IN_POD, 'create pods'],
  *hops(from, world) {
    if (from.kind === 'May') {
      yield* throughHoles(
        world.nodes.holes().keys(),
        world,
        ({ edge, needs }) => edge === 'B19' && needs === 'any pod that is made',
      );
      return;
    }
    for (const { unit, container } of containersAt(from, world)) {
      if (contained(unit, world)) continue;
      const asRoot = unit.spec['hostNetwork'] === true && !container.nonRoot;
      const suits = ({ needs }: NodeHole): boolean =>
        needs === 'any container' || (needs === 'root on the network of the node' && asRoot);
      if (world.nodes.holes().size === 0) return;
      const places = [...unit.nodes, ...(unit.floating ? world.nodes.placesFor(unit.demands) : [])];
      for (const hop of throughHoles(places, world, suits)) yield { ...hop, needs: [unit.ref, ...(hop.needs ?? [])] };
    }
  },
  fix: 'Update the node.',
  prove: 'Read status.nodeInfo of the node. Nothing is exploited.',
});

/** One hop for each hole of these nodes that suits. */
export function* throughHoles(
  names: Iterable<string | undefined>,
  world: World,
  suits: (hole: NodeHole) => boolean,
): Generator<Hop> {
  for (const name of new Set(names)) {
    if (name === undefined) continue;
    for (const { hole, version } of world.nodes.holes().get(name) ?? []) {
      if (!suits(hole)) continue;
      yield {
        to: node(hole.gives, name),
        needs: [{ apiVersion: 'v1', kind: 'Node', name }],
        because: rule(hole.id, `node ${name} runs ${hole.component} ${version.replace(/^v/, '')}: ${hole.says}`),
        ...(hole.open === undefined ? {} : { open: hole.open }),
      };
    }
  }
}
