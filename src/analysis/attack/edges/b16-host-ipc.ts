import { defineEdge } from '../hops/define-edge.ts';
import { inSpec, IN_POD } from '../hops/hops.ts';
import { node } from '../nodes.ts';

export const hostIpc = defineEdge({
  id: 'B16',
  title: 'hostIPC: shared memory with other pods of the node',
  technique: ['T1080'],
  cost: 4,
  from: IN_POD,
  *hops(from, world) {
    for (const source of world.pods.at(from)) {
      if (source.spec['hostIPC'] !== true) continue;
      for (const beside of new Set(source.nodes.flatMap((name) => world.pods.on(name)))) {
        if (beside === source || beside.spec['hostIPC'] !== true) continue;
        for (const { entry, state } of beside.containers) {
          if (state === 'ended') continue;
          yield {
            to: node('Code', `${beside.name}/${entry.name}`, beside.namespace),
            needs: [source.ref, beside.ref],
            because: () => [
              inSpec(source, ['hostIPC'], `${source.namespace}/${source.name} sees the shared memory of its node`),
              inSpec(beside, ['hostIPC'], `${beside.namespace}/${beside.name} keeps its own there`),
            ],
            open: 'whether what lies in shared memory leads to code is up to the program that put it there',
          };
        }
      }
    }
  },
  fix: 'Remove hostIPC.',
  prove: 'Compare the segments that ipcs lists in both pods; none is attached to.',
});
