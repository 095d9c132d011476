import { actions, rightsOn } from '../actions.ts';
import { defineEdge } from '../define-edge.ts';
import { IN_POD, rule } from '../hops.ts';
import { node } from '../nodes.ts';

const WRITES = actions(
  ['delete', 'deletecollection', 'update', 'patch', 'create'],
  ['networkpolicies.networking.k8s.io'],
);

export const policyTampering = defineEdge({
  id: 'H5',
  title: 'take away the NetworkPolicy in the way',
  technique: ['T1562'],
  cost: 2,
  from: IN_POD,
  asks: WRITES,
  *hops(from, world) {
    for (const source of world.pods.at(from)) {
      for (const { unit, port } of world.targets.all) {
        if (unit === source || world.network.reaches(source, unit, port).holds === true) continue;
        const to = node('Reach', `${unit.name}:${port}`, unit.namespace);
        const needs = [source.ref, unit.ref];
        const because = rule('NetworkPolicy', `a policy keeps ${source.namespace}/${source.name} from there`);
        const there = WRITES.flatMap((write) => rightsOn(write, unit.namespace));
        for (const right of there.filter(({ object }) => object === undefined)) {
          // Which side closes the way is not asked: whoever may write the policies of both can open it.
          if (source.namespace === unit.namespace) yield { to, and: [right], needs, because };
          else
            for (const here of WRITES.flatMap((write) => rightsOn(write, source.namespace)))
              yield { to, and: [right, here], needs, because };
        }
      }
    }
  },
  fix: 'Remove write on networkpolicies from edit; keep a cluster-wide admin policy that namespaces cannot remove.',
  prove: 'Ask for an access review of delete on networkpolicies.',
});
