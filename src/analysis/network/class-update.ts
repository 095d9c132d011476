import type { AddressSpace } from './address-space.ts';
import { classFor, createFaces, keyOf, type Classes, type Face, type PodClass } from './classes.ts';
import { sideOf, type LabelLines } from './class-lines.ts';
import type { Endpoint, NetworkNamespace } from './endpoints.ts';
import type { Profile } from './profile.ts';

/** What tells pods apart at one time. */
export interface Sight {
  readonly lines: LabelLines;
  readonly space: AddressSpace;
  readonly blocksHitPods: boolean;
}

export interface ClassChange {
  readonly leaving: readonly Endpoint[];
  readonly joining: readonly Endpoint[];
  /** Pods that what tells pods apart now may part from others of their class. */
  readonly parting: Iterable<Endpoint>;
  readonly before: Sight;
  readonly after: Sight;
  /** Every namespace; classes of one that is another object now are touched. */
  readonly namespaces: ReadonlyMap<string, NetworkNamespace>;
}

export interface ChangedClasses {
  readonly classes: Classes;
  /** Indexes of classes that are new, or not what they were. */
  readonly touched: ReadonlySet<number>;
}

/**
 * The classes after a change. A class keeps its number as long as it has a pod; what is parted from it gets a number
 * behind all others, and a class that has lost all its pods stays as an empty one. O(classes) to copy the list, and what
 * is touched.
 */
export function changeClasses(old: Classes, change: ClassChange, profile: Profile): ChangedClasses {
  const keysBefore = keysUnder(change.before, old, profile);
  const keysAfter = keysUnder(change.after, old, profile);
  const all = [...old.all];
  const renamed = new Map<string, number | undefined>();
  const indexOf = (key: string): number | undefined => (renamed.has(key) ? renamed.get(key) : old.byKey.get(key));
  const touched = new Set<number>();

  // Who leaves which class, and where to.
  const moves = new Map<number, Map<string, Endpoint[]>>();
  const note = (pod: Endpoint, index: number, to: string): void => {
    let ofClass = moves.get(index);
    if (!ofClass) moves.set(index, (ofClass = new Map<string, Endpoint[]>()));
    const known = ofClass.get(to);
    if (known) known.push(pod);
    else ofClass.set(to, [pod]);
  };
  for (const pod of change.leaving) for (const { key } of keysBefore(pod)) note(pod, indexOf(key) ?? -1, NOWHERE);
  const gone = new Set(change.leaving);
  for (const pod of new Set(change.parting)) {
    if (gone.has(pod)) continue;
    const now = keysAfter(pod);
    keysBefore(pod).forEach(({ key }, i) => {
      const to = now[i]?.key ?? NOWHERE;
      if (to !== key) note(pod, indexOf(key) ?? -1, to);
    });
  }

  const join = (pod: Endpoint, { key, face, signature }: KeyedFace): void => {
    let index = indexOf(key);
    const namespace = change.namespaces.get(pod.workload.namespace);
    if (index === undefined) {
      if (!namespace) return;
      renamed.set(key, (index = all.length));
      all.push({ ...classFor(index, namespace, pod, signature, face), members: [pod] });
    } else {
      const known = all[index] as PodClass;
      all[index] =
        known.members.length === 0 && namespace
          ? { ...classFor(index, namespace, pod, signature, face), members: [pod] }
          : { ...known, members: [...known.members, pod] };
    }
    touched.add(index);
  };
  for (const [index, ofClass] of moves) {
    const from = all[index];
    if (!from) continue;
    const [[to = NOWHERE, movers = []] = []] = ofClass;
    // All of them go the same way: the class goes with them.
    if (ofClass.size === 1 && movers.length === from.members.length && to !== NOWHERE && indexOf(to) === undefined) {
      const [sample] = movers;
      const keyed = sample && keysAfter(sample).find(({ key }) => key === to);
      const was = sample && keysBefore(sample).find(({ key }) => indexOf(key) === index);
      if (keyed && was) {
        renamed.set(was.key, undefined);
        renamed.set(to, index);
        all[index] = { ...from, ...keyed.face };
        touched.add(index);
        continue;
      }
    }
    const movedOut = new Set([...ofClass.values()].flat());
    const members = from.members.filter((member) => !movedOut.has(member));
    all[index] = { ...from, members, labels: members[0]?.identity ?? from.labels };
    touched.add(index);
    for (const [key, pods] of ofClass)
      for (const pod of pods) {
        const keyed = key === NOWHERE ? undefined : keysAfter(pod).find((one) => one.key === key);
        if (keyed) join(pod, keyed);
      }
  }
  for (const pod of change.joining) for (const keyed of keysAfter(pod)) join(pod, keyed);

  for (const [name, own] of old.byNamespace) {
    const namespace = change.namespaces.get(name);
    if (!namespace || own.every((podClass) => podClass.namespace === namespace)) continue;
    for (const { index } of own) {
      all[index] = { ...(all[index] as PodClass), namespace };
      touched.add(index);
    }
  }
  return {
    touched,
    classes: {
      ...old,
      all,
      lines: change.after.lines,
      byKey: old.byKey.with(renamed),
      byNamespace: listsAfter(old, all, touched),
      ofWorkload: ofWorkloadsAfter(old, all, touched),
    },
  };
}

const NOWHERE = '';

interface KeyedFace {
  readonly key: string;
  readonly face: Face;
  readonly signature: number;
}

/** The faces of a pod with the keys of their classes. */
function keysUnder(
  { lines, space, blocksHitPods }: Sight,
  { signatures }: Classes,
  profile: Profile,
): (pod: Endpoint) => readonly KeyedFace[] {
  const facesOf = createFaces(space, profile, blocksHitPods);
  const known = new Map<Endpoint, readonly KeyedFace[]>();
  return (pod) => {
    let faces = known.get(pod);
    if (!faces) {
      const side = sideOf(pod.identity, lines);
      const signature = signatures.of(pod.spec);
      faces = facesOf(pod).map((face) => ({
        key: keyOf(pod.workload.namespace, side, signature, face, pod.hostNetwork),
        face,
        signature,
      }));
      known.set(pod, faces);
    }
    return faces;
  };
}

/** The namespaces' lists of classes: without those that are empty, with those that are new. */
function listsAfter(
  old: Classes,
  all: readonly PodClass[],
  touched: ReadonlySet<number>,
): ReadonlyMap<string, readonly PodClass[]> {
  const lists = new Map(old.byNamespace);
  const names = new Set([...touched].map((index) => all[index]?.namespace.name ?? ''));
  for (const name of names) {
    const indexes = new Set((old.byNamespace.get(name) ?? []).map(({ index }) => index));
    for (const index of touched) if (all[index]?.namespace.name === name) indexes.add(index);
    const own = [...indexes].sort((a, b) => a - b).flatMap((index) => all[index] ?? []);
    lists.set(
      name,
      own.filter(({ members }) => members.length > 0),
    );
  }
  return lists;
}

/** The classes of each workload that has, or had, pods in a touched one. */
function ofWorkloadsAfter(old: Classes, all: readonly PodClass[], touched: ReadonlySet<number>): Classes['ofWorkload'] {
  const changed = new Map<number, Set<number>>();
  const classesOf = (workload: number): Set<number> => {
    let known = changed.get(workload);
    if (!known) changed.set(workload, (known = new Set((old.ofWorkload[workload] ?? []).map(({ index }) => index))));
    return known;
  };
  for (const index of touched) {
    for (const { workload } of old.all[index]?.members ?? []) classesOf(workload.index).delete(index);
    for (const { workload } of all[index]?.members ?? []) classesOf(workload.index).add(index);
  }
  const lists = [...old.ofWorkload];
  for (const [workload, own] of changed)
    lists[workload] = [...own].sort((a, b) => a - b).flatMap((index) => all[index] ?? []);
  return lists;
}
