import type { Endpoint, Inhabitants } from './endpoints.ts';
import type { IpValue } from './ip.ts';

/** Finds who lives in a cluster by name. Each index is made when it is first used. */
export interface Directory {
  /** Indexes of the workloads of a name, of whatever kind. */
  named(namespace: string, name: string): readonly number[];
  podNamed(namespace: string, name: string): Endpoint | undefined;
  podAt(address: IpValue): Endpoint | undefined;
  /** Index of the workload with an id. */
  indexOf(id: string): number | undefined;
}

export function createDirectory({ workloads }: Inhabitants): Directory {
  let byName: Map<string, number[]> | undefined;
  let byPod: Map<string, Endpoint> | undefined;
  let byAddress: Map<IpValue, Endpoint> | undefined;
  let byId: Map<string, number> | undefined;
  return {
    named(namespace, name) {
      if (!byName) {
        byName = new Map();
        for (const workload of workloads) {
          const key = `${workload.namespace}/${workload.ref.name}`;
          const known = byName.get(key);
          if (known) known.push(workload.index);
          else byName.set(key, [workload.index]);
        }
      }
      return byName.get(`${namespace}/${name}`) ?? [];
    },
    podNamed(namespace, name) {
      byPod ??= new Map(
        workloads.flatMap((workload) =>
          workload.endpoints.flatMap((e) =>
            e.pod === undefined ? [] : [[`${workload.namespace}/${e.pod}`, e] as const],
          ),
        ),
      );
      return byPod.get(`${namespace}/${name}`);
    },
    podAt(address) {
      if (!byAddress) {
        byAddress = new Map();
        // Pods on the network of one host share its address: the first stands for it.
        for (const { endpoints } of workloads)
          for (const endpoint of endpoints)
            for (const value of endpoint.addresses) if (!byAddress.has(value)) byAddress.set(value, endpoint);
      }
      return byAddress.get(address);
    },
    indexOf(id) {
      byId ??= new Map(workloads.map((workload) => [workload.id, workload.index]));
      return byId.get(id);
    },
  };
}
