import { at, records, text } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Endpoint } from './endpoints.ts';
import { parseIp, type IpValue } from '../addresses/ip.ts';

/*
 * A node always reaches the pods that run on it: "traffic ... from the pod's local node" is allowed whatever the
 * policies say (networking/v1 types.go), or the kubelet could not probe them. A pod on the host's network comes
 * from its node where the implementation doesn't treat it as a pod.
 */

/** How many pairs of two sets stand on one node. */
export type Shared = 'every' | 'some' | 'no';

export interface NodeTraffic {
  /** The node with an address. */
  nodeAt(value: IpValue): string | undefined;
  /** Whether pods run on a node. */
  onNode(node: string, pods: readonly Endpoint[]): Shared;
  /** Whether pods of one set run on the nodes of another. */
  together(hosts: readonly Endpoint[], pods: readonly Endpoint[]): Shared;
}

export function createNodeTraffic(snapshot: Snapshot): NodeTraffic {
  let byAddress: Map<IpValue, string> | undefined;
  const addresses = (): Map<IpValue, string> => {
    if (byAddress) return byAddress;
    byAddress = new Map();
    const add = (written: unknown, node: string | undefined): void => {
      const value = parseIp(text(written) ?? '');
      if (value !== undefined && node !== undefined) byAddress?.set(value, node);
    };
    for (const { object } of snapshot.list('Pod')) {
      const node = text(at(object, 'spec', 'nodeName'));
      add(at(object, 'status', 'hostIP'), node);
      for (const [, entry] of records(at(object, 'status', 'hostIPs'))) add(entry['ip'], node);
    }
    for (const { object } of snapshot.list('Node'))
      for (const [, entry] of records(at(object, 'status', 'addresses'))) add(entry['address'], object.metadata.name);
    return byAddress;
  };
  const share = (pairs: number, together: number): Shared =>
    together === 0 ? 'no' : together === pairs ? 'every' : 'some';
  return {
    nodeAt: (value) => addresses().get(value),
    onNode: (node, pods) => share(pods.length, pods.filter((pod) => pod.node === node).length),
    together(sources, pods) {
      const perNode = new Map<string, number>();
      for (const { node } of pods) if (node !== undefined) perNode.set(node, (perNode.get(node) ?? 0) + 1);
      const together = sources.reduce((sum, { node }) => sum + (perNode.get(node ?? '') ?? 0), 0);
      return share(sources.length * pods.length, together);
    },
  };
}
