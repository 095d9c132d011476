import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { isCompleted } from '../../../model/pods.ts';
import { changedPart } from '../changed-part.ts';
import type { Directory } from './directory.ts';
import { readPod, topFinder, type Endpoint, type Inhabitants, type NetworkWorkload } from './endpoints.ts';
import type { Profile } from '../profiles/profile.ts';

/** Who lives in a cluster after some of its pods changed. */
export interface PodChange {
  readonly workloads: readonly NetworkWorkload[];
  readonly leaving: readonly Endpoint[];
  readonly joining: readonly Endpoint[];
}

/**
 * What a change of Pod objects does to the workloads. Undefined where it is more than pods of workloads that have live
 * ones before and after: a workload that comes, goes, or falls back to its template. O(pods) comparisons of references.
 */
export function changePods(
  { workloads }: Inhabitants,
  directory: Directory,
  before: Snapshot,
  after: Snapshot,
  profile: Profile,
): PodChange | undefined {
  if (!profile.foldOwners) return undefined;
  const list = after.list('Pod');
  const part = changedPart(before.list('Pod'), list);
  const [was, is] = [new Set(part.removed), new Set(part.added)];
  const removed = part.removed.filter((resource) => !is.has(resource));
  const added = part.added.filter((resource) => !was.has(resource));
  const ownersBefore = topFinder(before, profile);
  const ownersAfter = topFinder(after, profile);
  const indexOf = (resource: Resource, owners: typeof ownersBefore): number | undefined => {
    const { ref } = owners(resource.object);
    return directory.indexOf(`${ref.namespace ?? 'default'}/${ref.name}[${ref.kind}]`);
  };
  /** An ended pod is nobody, but a workload that has one no longer stands by its template. */
  const isNobody = (resource: Resource, owners: typeof ownersBefore): boolean =>
    profile.dropCompleted &&
    isCompleted(resource.object) &&
    (owners(resource.object).ref.kind === 'Pod' || owners(resource.object).resource === undefined);
  const changed = new Map<number, Map<string, Endpoint>>();
  const podsOf = (index: number): Map<string, Endpoint> | undefined => {
    const known = changed.get(index);
    if (known) return known;
    const endpoints = workloads[index]?.endpoints ?? [];
    const live = new Map(
      endpoints.flatMap((endpoint) => (endpoint.pod === undefined ? [] : [[endpoint.pod, endpoint]])),
    );
    if (live.size !== endpoints.length || live.size === 0) return undefined;
    changed.set(index, live);
    return live;
  };
  const leaving: Endpoint[] = [];
  for (const resource of removed) {
    const index = indexOf(resource, ownersBefore);
    if (index === undefined && isNobody(resource, ownersBefore)) continue;
    const pods = index === undefined ? undefined : podsOf(index);
    if (!pods) return undefined;
    const gone = pods.get(resource.object.metadata.name);
    if (gone) leaving.push(gone);
  }
  const joining: Endpoint[] = [];
  let isMore = false;
  for (const resource of added) {
    const index = indexOf(resource, ownersAfter);
    if (index === undefined && isNobody(resource, ownersAfter)) continue;
    const pods = index === undefined ? undefined : podsOf(index);
    const workload = workloads[index ?? -1]?.endpoints[0]?.workload;
    if (!pods || !workload) return undefined;
    if (profile.dropCompleted && isCompleted(resource.object)) continue;
    const endpoint = readPod(resource, workload, profile, (labels) => labels);
    isMore ||= !pods.has(resource.object.metadata.name);
    // In the place of the one of its name that left.
    pods.set(resource.object.metadata.name, endpoint);
    joining.push(endpoint);
  }
  const gone = new Set(leaving);
  const endpoints = new Map<number, readonly Endpoint[]>();
  for (const [index, pods] of changed) {
    const own = [...pods.values()].filter((pod) => !gone.has(pod));
    if (own.length === 0) return undefined;
    endpoints.set(index, isMore ? inOrder(own, list) : own);
  }
  return {
    leaving,
    joining,
    workloads: workloads.map((workload) => {
      const own = endpoints.get(workload.index);
      return own ? { ...workload, endpoints: own } : workload;
    }),
  };
}

/** Pods in the order of a list, as they are when they are read anew. */
function inOrder(pods: readonly Endpoint[], list: readonly Resource[]): readonly Endpoint[] {
  const places = new Map(pods.map((pod) => [pod, list.indexOf(pod.source)]));
  return [...pods].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
