import { refId, refOf, type KindKey, type ObjectRef } from '../../model/object.ts';
import { compare } from '../../model/order.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { CheckContext } from './context.ts';
import type { SubjectSource } from './define-check.ts';
import type { Examined } from './examined.ts';
import type { PodSubject } from './pod-subject.ts';

/** Every workload, as the pod it makes. Bare pods that have ended are left out. */
export const everyPod: SubjectSource<PodSubject> = {
  reads: [...WORKLOAD_KINDS, 'PodTemplate'],
  subjects: (context) => context.pods.filter(({ subject }) => !subject.ended),
};

/** Every object of some kinds. */
export function objectsOf(...kinds: readonly KindKey[]): SubjectSource<Resource> {
  return {
    reads: kinds,
    *subjects({ snapshot }) {
      for (const kind of kinds) {
        for (const resource of snapshot.list(kind))
          yield { subject: resource, object: refOf(resource.object), resource };
      }
    },
  };
}

/** A namespace with the pods in it. */
export interface NamespaceSubject {
  readonly name: string;
  readonly object: ObjectRef;
  /** The Namespace object, where it was read. */
  readonly namespace?: Resource;
  readonly pods: readonly PodSubject[];
  /** The Namespace object, or the first workload in it. */
  readonly resource: Resource;
}

/** Every namespace that has a Namespace object or a workload; manifests often leave the former out. */
export const everyNamespace: SubjectSource<NamespaceSubject> = {
  reads: ['Namespace'],
  *subjects(context) {
    for (const subject of namespacesOf(context)) {
      yield { subject, object: subject.object, resource: subject.resource } satisfies Examined<NamespaceSubject>;
    }
  },
};

function namespacesOf(context: CheckContext): readonly NamespaceSubject[] {
  const pods = new Map<string, PodSubject[]>();
  for (const { subject } of context.pods) {
    const found = pods.get(subject.namespace);
    if (found) found.push(subject);
    else pods.set(subject.namespace, [subject]);
  }
  const objects = new Map(context.snapshot.list('Namespace').map((r) => [r.object.metadata.name, r]));
  return [...new Set([...objects.keys(), ...pods.keys()])].sort().flatMap((name) => {
    const namespace = objects.get(name);
    const here = pods.get(name) ?? [];
    const resource = namespace ?? here[0]?.resource;
    if (!resource) return [];
    const object = { apiVersion: 'v1', kind: 'Namespace', name };
    return [{ name, object, ...(namespace ? { namespace } : {}), pods: here, resource }];
  });
}

/** For stable order: kind, namespace and name of an object. */
export function subjectOrder(a: { readonly object: ObjectRef }, b: { readonly object: ObjectRef }): number {
  return compare(refId(a.object), refId(b.object));
}
