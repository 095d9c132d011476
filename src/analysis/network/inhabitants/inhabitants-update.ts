import type { KindKey, ObjectRef } from '../../../model/object.ts';
import { memoised, once } from '../../../model/memoised.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { controllerOf } from '../../../model/workloads.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Names } from './directory.ts';
import {
  endpointOf,
  inhabited,
  readPod,
  workloadId,
  type Endpoint,
  type NetworkWorkload,
  type WorkloadIdentity,
} from './endpoints.ts';
import { topFinder } from './owners.ts';
import { ownerChanges, placesOf, seatsAfter, type Seats } from './seats.ts';
import { isOver, mayStand, TEMPLATE_KINDS, templateOf } from './templates.ts';

/** Who lives in a cluster after some of its objects changed. */
export interface InhabitantsChange {
  /** By index; those that were there before have kept theirs. The same list where nobody came, went or changed. */
  readonly workloads: readonly NetworkWorkload[];
  readonly names: Names;
  readonly leaving: readonly Endpoint[];
  readonly joining: readonly Endpoint[];
}

/** More workloads than this part of all may be looked at again before all are read anew. */
const LOOKED_PART = 1 / 4;
const LOOKED_LEAST = 256;

/**
 * What a change of objects of some kinds does to the workloads. O(pods of the workloads that a changed object belongs to),
 * and one look through the lists of what may stand for them. Undefined where these are many, where most have gone, or where
 * owners don't matter.
 */
export function changeInhabitants(
  { workloads, names }: Pick<InhabitantsChange, 'workloads' | 'names'>,
  before: Snapshot,
  after: Snapshot,
  kinds: readonly KindKey[],
  profile: Profile,
): InhabitantsChange | undefined {
  const same: InhabitantsChange = { workloads, names, leaving: [], joining: [] };
  const changes = ownerChanges(kinds, before, after);
  if (changes.length === 0) return same;
  if (!profile.foldOwners) return undefined;
  const workloadOf = (id: string): NetworkWorkload | undefined => workloads[names.indexOf(id) ?? -1];
  const seats = seatsAfter(changes, before, after, profile, workloadOf);
  if (seats.length > Math.max(LOOKED_LEAST, workloads.length * LOOKED_PART)) return undefined;

  const templates = templatesOf(seats.filter(isEmpty), after, profile);
  const places = once(() => placesOf(seats, after.list('Pod')));
  const list = [...workloads];
  const changed: { readonly was: readonly Endpoint[]; readonly is: readonly Endpoint[] }[] = [];
  for (const one of seats) {
    const old = workloadOf(one.id);
    const template = templates.get(one.id);
    const identity = identityOf(old, isEmpty(one) ? (template?.ref ?? old?.ref) : one.ref, list.length);
    if (!identity) continue;
    const was = old?.endpoints ?? [];
    const known = new Map(was.flatMap((pod) => (pod.workload === identity ? [[pod.source, pod] as const] : [])));
    const live = podsOf(one, places).map(
      (pod) => known.get(pod) ?? readPod(pod, identity, profile, (labels) => labels),
    );
    const is = live.length > 0 ? live : template ? [known.get(template.resource) ?? template.as(identity)] : [];
    if (is.length === was.length && is.every((pod, i) => pod === was[i])) continue;
    changed.push({ was, is });
    list[identity.index] = { ...identity, endpoints: is };
  }
  if (changed.length === 0) return same;
  const [was, is] = [new Set(changed.flatMap((one) => one.was)), new Set(changed.flatMap((one) => one.is))];
  const fresh = list.slice(workloads.length);
  // After a long time with many that came and went most places are empty.
  if (fresh.length > 0 && list.length > LOOKED_LEAST + 2 * inhabited(list).length) return undefined;
  return {
    workloads: list,
    names: fresh.length === 0 ? names : names.with(fresh),
    leaving: [...was].filter((pod) => !is.has(pod)),
    joining: [...is].filter((pod) => !was.has(pod)),
  };
}

function isEmpty({ pods }: Seats): boolean {
  return pods.values().every((pod) => pod === undefined);
}

/** The live pods in their order. */
function podsOf({ pods, more }: Seats, places: () => ReadonlyMap<Resource, number>): readonly Resource[] {
  const live = [...pods.values()].filter((pod) => pod !== undefined);
  return more ? live.sort((a, b) => (places().get(a) ?? 0) - (places().get(b) ?? 0)) : live;
}

/** Who a workload is after a change: the same object, or one with its index, as long as it is called the same. */
function identityOf(
  old: NetworkWorkload | undefined,
  ref: ObjectRef | undefined,
  next: number,
): WorkloadIdentity | undefined {
  if (!ref) return undefined;
  const isSame = old && old.ref.apiVersion === ref.apiVersion && old.ref.namespace === ref.namespace;
  if (isSame && old.endpoints[0]) return old.endpoints[0].workload;
  return { index: old?.index ?? next, ref, namespace: ref.namespace ?? 'default', id: workloadId(ref) };
}

/** The pod that stands for a workload without live ones. */
interface Template {
  readonly ref: ObjectRef;
  readonly resource: Resource;
  readonly as: (identity: WorkloadIdentity) => Endpoint;
}

/** The templates that stand for workloads without live pods, by id: of each the first one. */
function templatesOf(seats: readonly Seats[], snapshot: Snapshot, profile: Profile): ReadonlyMap<string, Template> {
  const found = new Map<string, Template>();
  if (seats.length === 0) return found;
  const ids = new Set(seats.map(({ id }) => id));
  const namespaces = new Set(seats.map(({ ref }) => ref.namespace));
  const topOf = topFinder(snapshot, profile);
  const hadPods = memoised((id: string) =>
    snapshot.list('Pod').some(({ object }) => {
      const { namespace } = object.metadata;
      return namespaces.has(namespace) && controllerOf(object) !== undefined && workloadId(topOf(object).ref) === id;
    }),
  );
  for (const kind of TEMPLATE_KINDS)
    for (const resource of snapshot.list(kind)) {
      if (!namespaces.has(resource.object.metadata.namespace)) continue;
      const top = topOf(resource.object);
      const id = workloadId(top.ref);
      if (!ids.has(id) || found.has(id) || !mayStand(resource, top, profile)) continue;
      const template = templateOf(resource, kind);
      if (!template || isOver(resource, kind, () => hadPods(id))) continue;
      found.set(id, {
        ref: top.ref,
        resource,
        as: (identity) => endpointOf(template, resource, identity, (labels) => labels),
      });
    }
  return found;
}
