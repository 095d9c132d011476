import { at, records, text } from '../../../model/json.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { floatingOn } from '../hops/groups.ts';
import { given, IN_POD, shellOn } from '../hops/hops.ts';
import { kubeletSettings } from '../facts/kubelets.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import type { Fact } from '../world/fact.ts';
import type { World } from '../world/world.ts';

export const openKubelet = defineEdge({
  id: 'E12',
  title: 'a kubelet that takes commands from whoever reaches it',
  technique: ['T1613', 'T1609'],
  matrix: ['TA9030'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const { opensPods, port, because, writtenIn } of kubeletSettings(world.snapshot)) {
      if (!opensPods) continue;
      for (const unit of world.pods.at(from)) {
        for (const name of world.nodes.names()) {
          for (const hop of intoPodsOf(name, world))
            yield* given(reachesNode(unit, name, port, world), {
              ...hop,
              needs: [unit.ref, writtenIn, ...(hop.needs ?? [])],
              because: () => [because],
            });
        }
      }
    }
  },
  fix: 'Set authentication.anonymous.enabled to false and authorization.mode to Webhook in the configuration of the kubelets.',
  prove: 'Read the configuration of the kubelet; open one connection to its port and send nothing.',
});

function* intoPodsOf(name: string | undefined, world: World): Generator<Hop> {
  const because: Hop['because'] = () => [];
  for (const unit of world.pods.on(name)) yield { to: shellOn(unit, name, world), needs: [unit.ref], because };
  for (const to of floatingOn(name, 'FloatingShell', world)) yield { to, because };
}

/** Whether a pod's packets reach a port of a node; one whose address is not known is reached where nothing keeps a pod from any. */
export function reachesNode(unit: PodUnit, name: string | undefined, port: number, world: World): Fact {
  const addresses = records(at(world.nodes.objectOf(name), 'status', 'addresses')).flatMap(([, entry]) =>
    entry['type'] === 'InternalIP' ? (text(entry['address']) ?? []) : [],
  );
  const [address] = addresses;
  return address === undefined
    ? world.network.reachesAnywhere(unit, [port])
    : world.network.reachesAddress(unit, address, port);
}
