import type { Endpoint, Inhabitants } from './endpoints.ts';

/** Finds who lives in a cluster by name. Each index is made when it is first used. */
export interface Directory {
  /** Indexes of the workloads of a name, of whatever kind. */
  named(namespace: string, name: string): readonly number[];
  podNamed(namespace: string, name: string): Endpoint | undefined;
  /** Index of the workload with an id. */
  indexOf(id: string): number | undefined;
}

export function createDirectory({ workloads }: Inhabitants): Directory {
  let byName: Map<string, number[]> | undefined;
  let byPod: Map<string, Endpoint> | undefined;
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
    indexOf(id) {
      byId ??= new Map(workloads.map((workload) => [workload.id, workload.index]));
      return byId.get(id);
    },
  };
}
