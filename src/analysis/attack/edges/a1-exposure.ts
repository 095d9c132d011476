import { at, number, records } from '../../../model/json.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { node } from '../nodes.ts';
import { apiServerPort } from '../world/api-server.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

export const exposure = defineEdge({
  id: 'A1',
  title: 'reachable from outside',
  technique: ['T1190', 'T1133'],
  matrix: ['TA9004', 'TA9005'],
  cost: 1,
  from: ['Internet'],
  *hops(_from, world) {
    for (const { unit, by, service, admits, because, open } of world.network.exposed()) {
      if (!isServed(unit, service ?? by, world)) continue;
      for (const port of portsWorthNaming(unit, world)) {
        if (!admits(port)) continue;
        yield {
          to: node('Reach', `${unit.name}:${port}`, unit.namespace),
          needs: service ? [by, service, unit.ref] : [by, unit.ref],
          because: () => because,
          ...(open === undefined ? {} : { open }),
        };
      }
    }
  },
  fix: 'Narrow the Service (loadBalancerSourceRanges, ClusterIP) or the policy that admits everybody.',
  prove: 'Open one connection to the address from outside.',
});

/** Whether a Service sends to some pod of a unit: not where all that are there say that they are not ready. */
function isServed({ workload: { pods } }: PodUnit, { kind, namespace, name }: ObjectRef, world: World): boolean {
  const service = kind === 'Service' ? world.snapshot.get(kind, namespace, name)?.object : undefined;
  if (!service || pods.length === 0 || at(service, 'spec', 'publishNotReadyAddresses') === true) return true;
  return pods.some(
    ({ object }) =>
      !records(at(object, 'status', 'conditions')).some(
        ([, one]) => one['type'] === 'Ready' && one['status'] === 'False',
      ),
  );
}

/** The ports the pod declares, and those with a known hole or somebody's question behind them. */
function portsWorthNaming(unit: PodUnit, world: World): readonly number[] {
  const declared = unit.containers.flatMap(({ entry }) => [
    ...records(entry.container['ports']).flatMap(([, port]) => number(port['containerPort']) ?? []),
    ...(unit.namespace === 'kube-system' ? [apiServerPort(entry.container) ?? []].flat() : []),
  ]);
  const asked = world.targets.all.flatMap((target) => (target.unit === unit ? [target.port] : []));
  return [...new Set([...declared, ...asked])];
}
