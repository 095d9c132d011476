import { refOf } from '../../model/object.ts';
import { podTemplateOf } from '../../model/pods.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { NEWEST_KUBERNETES } from '../../model/version.ts';
import { workloadsOf, type Workload } from '../../model/workloads.ts';
import { compileAccess, type CompiledAccess } from '../access/objects.ts';
import type { Examined } from './examined.ts';
import { podSubjectOf, type PodSubject } from './pod-subject.ts';

/** What checks share: the snapshot, and what is worked out from it once. */
export interface CheckContext {
  readonly snapshot: Snapshot;
  /** Minor version of Kubernetes whose rules apply. */
  readonly minor: number;
  /** Whether the LimitRanges of a namespace count as if their defaults were written in its pods. */
  readonly namespaceDefaults: boolean;
  /** Every workload, live pods folded into the controller that made them, and every PodTemplate. */
  readonly pods: readonly Examined<PodSubject>[];
  /** Every role and binding, bindings with their roles resolved. */
  readonly access: CompiledAccess;
}

/** What checks share is worked out when the first of them asks for it. */
export function createContext(
  snapshot: Snapshot,
  options: { readonly namespaceDefaults?: boolean } = {},
): CheckContext {
  let pods: readonly Examined<PodSubject>[] | undefined;
  let access: CompiledAccess | undefined;
  return {
    snapshot,
    minor: (snapshot.kubernetesVersion ?? NEWEST_KUBERNETES).minor,
    namespaceDefaults: options.namespaceDefaults ?? false,
    get pods() {
      return (pods ??= [...workloadsOf(snapshot), ...podTemplates(snapshot)].map(podSubjectOf));
    },
    get access() {
      return (access ??= compileAccess(snapshot));
    },
  };
}

/** PodTemplates run nothing by themselves, but Pod Security judges them, and so do we. */
function podTemplates(snapshot: Snapshot): readonly Workload[] {
  return snapshot.list('PodTemplate').flatMap((resource) => {
    const template = podTemplateOf(resource.object);
    return template ? [{ ref: refOf(resource.object), resource, template, writtenIn: resource, pods: [] }] : [];
  });
}
