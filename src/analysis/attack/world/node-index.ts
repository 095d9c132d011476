import { at, list, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { holesOf, type NodeHoleFound } from '../node-holes.ts';
import { once } from './once.ts';
import type { PodIndex } from './pod-index.ts';

/** The nodes of a cluster: those read, and those that pods are bound to. */
export interface NodeIndex {
  /** Names of all nodes, sorted; one undefined entry when none is known, standing for some node. */
  names(): readonly (string | undefined)[];
  /** The nodes a pod without a node may be put on; undefined for one nobody knows the name of. */
  schedulable(): ReadonlySet<string | undefined>;
  /** Whether a node has the label or the taint of the control plane. */
  isControlPlane(name: string): boolean;
  objectOf(name: string | undefined): KubernetesObject | undefined;
  /** Known holes in what the nodes run, where they say the version. */
  holes(): ReadonlyMap<string, readonly NodeHoleFound[]>;
}

const CONTROL_PLANE: readonly string[] = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export function nodeIndex(snapshot: Snapshot, pods: PodIndex): NodeIndex {
  const objects = once(() => snapshot.list('Node').map(({ object }) => object));
  const schedulable = once((): ReadonlySet<string | undefined> => {
    const open = objects()
      .filter(takesPods)
      .map(({ metadata }) => metadata.name);
    return new Set(open.length > 0 ? open : [undefined]);
  });
  const names = once(() => {
    const known = new Set([...objects().map(({ metadata }) => metadata.name), ...pods.nodes()]);
    return known.size > 0 ? [...known].sort() : [undefined];
  });
  const objectOf = (name: string | undefined): KubernetesObject | undefined =>
    name === undefined ? undefined : snapshot.get('Node', undefined, name)?.object;
  return {
    names,
    schedulable,
    isControlPlane(name) {
      const object = objectOf(name);
      return (
        CONTROL_PLANE.some((role) => Object.hasOwn(object?.metadata.labels ?? {}, role)) ||
        taintsOf(object).some(({ key }) => CONTROL_PLANE.includes(key))
      );
    },
    objectOf,
    holes: once(() => {
      const found = objects().map((object) => [object.metadata.name, holesOf(object)] as const);
      return new Map(found.filter(([, holes]) => holes.length > 0));
    }),
  };
}

function takesPods(node: KubernetesObject): boolean {
  return (
    at(node, 'spec', 'unschedulable') !== true &&
    !taintsOf(node).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
  );
}

function taintsOf(node: unknown): readonly { readonly key: string; readonly effect: string }[] {
  return list(at(node, 'spec', 'taints')).map((taint) => ({
    key: text(at(taint, 'key')) ?? '',
    effect: text(at(taint, 'effect')) ?? '',
  }));
}
