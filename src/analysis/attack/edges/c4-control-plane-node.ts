import type { Because } from '../../../model/because.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';

/** Where an object says that its node runs the control plane. */
const PATHS: Readonly<Record<string, string>> = { Node: 'metadata.labels', Pod: 'spec.nodeName' };

export const controlPlaneNode = defineEdge({
  id: 'C4',
  title: 'a control-plane node holds the keys of the cluster',
  technique: ['T1552'],
  cost: 1,
  from: ['Root'],
  *hops(from, world) {
    const { name } = from;
    if (name === undefined) return;
    const says = `node ${name} runs the control plane: its disk holds the CA and the key that signs tokens`;
    for (const needs of world.nodes.controlPlaneBy(name)) {
      const because = (): readonly Because[] =>
        needs.map((object) => ({ kind: 'field', object, path: PATHS[object.kind] ?? 'metadata', says }));
      for (const to of ['ClusterAdmin', 'SystemMasters'] as const) yield { to: node(to), needs, because };
    }
  },
  fix: 'Keep workloads off control-plane nodes by their taint.',
  prove: 'Read the labels and taints of the node.',
});
