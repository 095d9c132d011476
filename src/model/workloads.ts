import { kindKey, refId, refOf, type KubernetesObject, type ObjectRef } from './object.ts';
import { podTemplateOf, WORKLOAD_KINDS, type PodTemplate } from './pods.ts';
import type { Resource, Snapshot } from './snapshot.ts';

/**
 * What an owner thinks of as one application: the top of an owner chain (Deployment over ReplicaSet over Pod,
 * CronJob over Job over Pod), stable over rollouts.
 */
export interface Workload {
  readonly ref: ObjectRef;
  /** The object at the top of the chain; absent when only its name is known, from an ownerReference. */
  readonly resource?: Resource;
  /** The pod as the top object writes it; of a live pod when the top object was not read. */
  readonly template: PodTemplate;
  /** The resource that `template` was taken from; paths in it are relative to this one. */
  readonly writtenIn: Resource;
  /** Live pods of this workload, completed ones included. Empty for manifests. */
  readonly pods: readonly Resource[];
}

/**
 * The controller that owns an object, as its ownerReferences say. A mirror pod's Node is no workload; an owner of which only
 * the name is given is taken for a pod.
 */
export function controllerOf(object: KubernetesObject): ObjectRef | undefined {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (!owner || owner.kind === 'Node') return undefined;
  const { namespace } = object.metadata;
  return {
    apiVersion: owner.apiVersion ?? 'v1',
    kind: owner.kind ?? 'Pod',
    name: owner.name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Every workload of a snapshot, in a stable order. ReplicaSets of a Deployment and pods of a controller are folded in. */
export function workloadsOf(snapshot: Snapshot): readonly Workload[] {
  const building = new Map<
    string,
    { ref: ObjectRef; resource?: Resource; template: PodTemplate; writtenIn: Resource; pods: Resource[] }
  >();
  for (const kind of [...WORKLOAD_KINDS.filter((k) => k !== 'Pod'), 'Pod']) {
    for (const resource of snapshot.list(kind)) {
      const template = podTemplateOf(resource.object);
      if (!template) continue;
      const top = topOf(snapshot, resource);
      const id = refId(top.ref);
      const isPod = kind === 'Pod';
      const known = building.get(id);
      if (known) {
        if (isPod) known.pods.push(resource);
        if (top.resource === resource && !isPod) Object.assign(known, { resource, template, writtenIn: resource });
      } else {
        building.set(id, {
          ref: top.ref,
          ...(top.resource ? { resource: top.resource } : {}),
          template: (top.resource && podTemplateOf(top.resource.object)) ?? template,
          writtenIn: top.resource && podTemplateOf(top.resource.object) ? top.resource : resource,
          pods: isPod ? [resource] : [],
        });
      }
    }
  }
  return [...building].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}

/** Follows the controllers upwards; an owner that was not read ends the walk with its name alone. */
function topOf(snapshot: Snapshot, start: Resource): { readonly ref: ObjectRef; readonly resource?: Resource } {
  let resource = start;
  for (let depth = 0; depth < 10; depth++) {
    const owner = controllerOf(resource.object);
    if (!owner) break;
    const found = snapshot.get(kindKey(owner.apiVersion, owner.kind), owner.namespace, owner.name);
    if (!found) return { ref: owner };
    resource = found;
  }
  return { ref: refOf(resource.object), resource };
}
