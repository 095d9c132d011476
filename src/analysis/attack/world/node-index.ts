import { refOf, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { holesOf, type NodeHoleFound } from '../facts/node-holes.ts';
import { once } from './once.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { apiServerPort } from './api-server.ts';
import { CONTROL_PLANE, nodesFor, taintsOf } from './placement.ts';
import type { PodIndex } from './pod-index.ts';

/** The nodes of a cluster: those read, and those that pods are bound to. */
export interface NodeIndex {
  /** Names of all nodes, sorted; one undefined entry when none is known, standing for some node. */
  names(): readonly (string | undefined)[];
  /** The nodes a pod without a node may be put on that has these demands; undefined for one nobody knows the name of. */
  placesFor(demands: string): ReadonlySet<string | undefined>;
  /**
   * What says that a node runs the control plane, each enough by itself, as the objects it rests on: its label or its taint, or
   * an API server that runs there. Empty for other nodes.
   */
  controlPlaneBy(name: string): readonly (readonly ObjectRef[])[];
  objectOf(name: string | undefined): KubernetesObject | undefined;
  /** Known holes in what the nodes run, where they say the version. */
  holes(): ReadonlyMap<string, readonly NodeHoleFound[]>;
}

export function nodeIndex(snapshot: Snapshot, pods: PodIndex): NodeIndex {
  const objects = once(() => snapshot.list('Node').map(({ object }) => object));
  const places = new Map<string, ReadonlySet<string | undefined>>();
  const placesFor = (demands: string): ReadonlySet<string | undefined> => {
    let found = places.get(demands);
    if (!found) {
      const open = nodesFor(demands, objects()).map(({ metadata }) => metadata.name);
      // What no node that is given meets is taken to be met by those that take pods.
      found = open.length === 0 && demands !== '' ? placesFor('') : new Set(open.length > 0 ? open : [undefined]);
      places.set(demands, found);
    }
    return found;
  };
  const names = once(() => {
    const known = new Set([...objects().map(({ metadata }) => metadata.name), ...pods.nodes()]);
    return known.size > 0 ? [...known].sort() : [undefined];
  });
  const apiServers = once(() => pods.in('kube-system').filter(isApiServer));
  const objectOf = (name: string | undefined): KubernetesObject | undefined =>
    name === undefined ? undefined : snapshot.get('Node', undefined, name)?.object;
  return {
    names,
    placesFor,
    controlPlaneBy(name) {
      const object = objectOf(name);
      const isMarked =
        CONTROL_PLANE.some((role) => Object.hasOwn(object?.metadata.labels ?? {}, role)) ||
        taintsOf(object).some(({ key }) => CONTROL_PLANE.includes(key));
      const servers = apiServers().filter(({ nodes }) => nodes.includes(name));
      return [...(object && isMarked ? [[refOf(object)]] : []), ...servers.map(({ ref }) => [ref])];
    },
    objectOf,
    holes: once(() => {
      const found = objects().map((object) => [object.metadata.name, holesOf(object)] as const);
      return new Map(found.filter(([, holes]) => holes.length > 0));
    }),
  };
}

/** Whether a pod is an API server of the cluster. */
export function isApiServer({ namespace, containers }: PodUnit): boolean {
  return namespace === 'kube-system' && containers.some(({ entry }) => apiServerPort(entry.container) !== undefined);
}
