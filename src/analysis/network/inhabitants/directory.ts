import { once } from '../../../model/memoised.ts';
import { standsBefore, type Endpoint, type Inhabitants, type NetworkWorkload } from './endpoints.ts';
import type { IpValue } from '../addresses/ip.ts';

/** Finds who lives in a cluster by name. Each index is made when it is first used. */
export interface Directory extends Pick<Names, 'named' | 'indexOf'> {
  /** Those that have gone, too. */
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
  /** The same with workloads that came. */
  with(fresh: readonly NetworkWorkload[]): Names;
}

/** `names` are those of the same workloads, when they are known. */
export function createDirectory({ workloads }: Inhabitants, names: Names = createNames(workloads)): Directory {
  let byPod: Map<string, Endpoint> | undefined;
  let byAddress: Map<IpValue, Endpoint> | undefined;
  const isThere = (index: number): boolean => (workloads[index]?.endpoints.length ?? 0) > 0;
  return {
    names,
    named: (namespace, name) => names.named(namespace, name).filter(isThere),
    indexOf(id) {
      const index = names.indexOf(id);
      return index !== undefined && isThere(index) ? index : undefined;
    },
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
        for (const { endpoints } of workloads)
          for (const endpoint of endpoints)
            for (const value of endpoint.addresses)
              if (standsBefore(endpoint, byAddress.get(value))) byAddress.set(value, endpoint);
      }
      return byAddress.get(address);
    },
  };
}

/** The names of some workloads. */
function createNames(workloads: readonly NetworkWorkload[]): Names {
  const byName = once(() => Map.groupBy(workloads, ({ namespace, ref }) => `${namespace}/${ref.name}`));
  const byId = once(() => new Map(workloads.map(({ id, index }) => [id, index])));
  const names: Names = {
    named: (namespace, name) => (byName().get(`${namespace}/${name}`) ?? []).map(({ index }) => index),
    indexOf: (id) => byId().get(id),
    with: (fresh) => withMore(names, fresh),
  };
  return names;
}

/** Names beside those known: the known ones are not looked through again. */
function withMore(known: Names, more: readonly NetworkWorkload[]): Names {
  const own = createNames(more);
  return {
    named: (namespace, name) => [...known.named(namespace, name), ...own.named(namespace, name)],
    indexOf: (id) => own.indexOf(id) ?? known.indexOf(id),
    with: (fresh) => withMore(known, [...more, ...fresh]),
  };
}
