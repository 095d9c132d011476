import type { Endpoint, Inhabitants, NetworkWorkload } from './endpoints.ts';
import type { IpValue } from '../addresses/ip.ts';

/** Finds who lives in a cluster by name. Each index is made when it is first used. */
export interface Directory extends Names {
  readonly names: Names;
  podNamed(namespace: string, name: string): Endpoint | undefined;
  podAt(address: IpValue): Endpoint | undefined;
}

/** Finds workloads, whatever pods they have at the time. */
export interface Names {
  /** Indexes of the workloads of a name, of whatever kind. */
  named(namespace: string, name: string): readonly number[];
  /** Index of the workload with an id. */
  indexOf(id: string): number | undefined;
}

/** `names` are those of the same workloads, when they are known. */
export function createDirectory({ workloads }: Inhabitants, names: Names = createNames(workloads)): Directory {
  let byPod: Map<string, Endpoint> | undefined;
  let byAddress: Map<IpValue, Endpoint> | undefined;
  return {
    ...names,
    names,
    podNamed(namespace, name) {
      if (!byPod) {
        byPod = new Map();
        for (const { namespace: own, endpoints } of workloads)
          for (const endpoint of endpoints)
            if (endpoint.pod !== undefined) byPod.set(`${own}/${endpoint.pod}`, endpoint);
      }
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
  };
}

function createNames(workloads: readonly NetworkWorkload[]): Names {
  let byName: Map<string, number[]> | undefined;
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
    indexOf(id) {
      byId ??= new Map(workloads.map((workload) => [workload.id, workload.index]));
      return byId.get(id);
    },
  };
}
