import { isCompleted } from '../../../model/pods.ts';
import { refOf, type KindKey, type KubernetesObject, type ObjectRef } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { exchanged } from '../changed-part.ts';
import type { Profile } from '../profiles/profile.ts';
import { workloadId, type NetworkWorkload } from './endpoints.ts';
import { topFinder } from './owners.ts';

/** The live pods of a workload that a change may have touched. */
export interface Seats {
  readonly id: string;
  readonly ref: ObjectRef;
  /** By name, in their order; undefined in the place of one that left. */
  readonly pods: ReadonlyMap<string, Resource | undefined>;
  /** Pods came that stand in nobody's place. */
  readonly more: boolean;
}

/** Kinds that control neither pods nor who controls pods. */
const NEVER_OWNERS: ReadonlySet<KindKey> = new Set([
  'Namespace',
  'Node',
  'Service',
  'Endpoints',
  'EndpointSlice.discovery.k8s.io',
  'Ingress.networking.k8s.io',
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Event',
  'Lease.coordination.k8s.io',
]);

interface Change {
  readonly kind: KindKey;
  readonly removed: readonly Resource[];
  readonly added: readonly Resource[];
}

/** What objects went and came, of the kinds that decide which workloads there are. */
export function ownerChanges(kinds: readonly KindKey[], before: Snapshot, after: Snapshot): readonly Change[] {
  return kinds
    .filter((kind) => !NEVER_OWNERS.has(kind))
    .map((kind) => ({ kind, ...exchanged(before.list(kind), after.list(kind)) }));
}

/**
 * The workloads that a change may have touched, with the pods they have after it: each that a changed object is or was, or
 * is or was below, and those that their pods belong to now.
 */
export function seatsAfter(
  changes: readonly Change[],
  before: Snapshot,
  after: Snapshot,
  profile: Profile,
  workloadOf: (id: string) => NetworkWorkload | undefined,
): readonly Seats[] {
  const found = new Map<string, Seats & { pods: Map<string, Resource | undefined>; more: boolean; ref: ObjectRef }>();
  const at = (ref: ObjectRef) => {
    const id = workloadId(ref);
    let seats = found.get(id);
    if (!seats) found.set(id, (seats = { id, ref, pods: new Map(), more: false }));
    return seats;
  };
  const [topBefore, topAfter] = [topFinder(before, profile), topFinder(after, profile)];
  const gone = new Set<Resource>();
  const look = (object: KubernetesObject, top: typeof topAfter): void => {
    if (object.kind !== 'Pod') at(refOf(object));
    at(top(object).ref);
  };
  for (const { kind, removed, added } of changes) {
    for (const resource of removed) {
      if (kind === 'Pod') gone.add(resource);
      look(resource.object, topBefore);
    }
    for (const { object } of added) look(object, topAfter);
  }
  const seat = (resource: Resource, from?: Seats): void => {
    const { ref } = topAfter(resource.object);
    const seats = at(ref);
    const { name } = resource.object.metadata;
    seats.ref = ref;
    seats.more ||= seats !== from && !seats.pods.has(name);
    seats.pods.set(name, resource);
  };
  // A pod of a workload that is looked at may belong to another now, which is looked at in its turn.
  for (const seats of found.values())
    for (const { pod, source } of workloadOf(seats.id)?.endpoints ?? []) {
      if (pod === undefined) continue;
      if (gone.has(source)) seats.pods.set(pod, seats.pods.get(pod));
      else seat(source, seats);
    }
  for (const { kind, added } of changes)
    if (kind === 'Pod')
      for (const resource of added) if (!profile.dropCompleted || !isCompleted(resource.object)) seat(resource);
  return [...found.values()];
}

/** The places in a list of those pods that have to be put in order. */
export function placesOf(seats: readonly Seats[], all: readonly Resource[]): ReadonlyMap<Resource, number> {
  const wanted = new Set(seats.flatMap(({ pods, more }) => (more ? [...pods.values()] : [])));
  const places = new Map<Resource, number>();
  all.forEach((resource, place) => {
    if (wanted.has(resource)) places.set(resource, place);
  });
  return places;
}
