import type { AddressSpace } from '../addresses/address-space.ts';
import { classFor, createFaces, isOpenClass, keyOf, type Classes, type Face, type PodClass } from './classes.ts';
import { sideOf, type LabelLines } from './class-lines.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkNamespace } from '../inhabitants/namespaces.ts';
import type { Parting } from './parting.ts';
import type { Profile } from '../profiles/profile.ts';

/** What tells pods apart at one time. */
export interface Sight {
  readonly lines: LabelLines;
  readonly space: AddressSpace;
  readonly blocksHitPods: boolean;
}

export interface ClassChange {
  readonly leaving: readonly Endpoint[];
  readonly joining: readonly Endpoint[];
  /** Pods that are told apart from others of their class now, by the index of the class. */
  readonly parting: Parting;
  readonly before: Sight;
  readonly after: Sight;
  /** Every namespace; classes of one that is another object now are touched. */
  readonly namespaces: ReadonlyMap<string, NetworkNamespace>;
}

export interface ChangedClasses {
  readonly classes: Classes;
  /** Indexes of classes that are new, or have other pods. */
  readonly moved: ReadonlySet<number>;
  /** Those that only are in a namespace with other labels. */
  readonly renamed: ReadonlySet<number>;
}

/**
 * The classes after a change. A class keeps its number; what is parted from it gets one behind all others, and a class
 * that has lost all its pods stays as an empty one. O(classes) to copy the list, and what is touched.
 */
export function changeClasses(old: Classes, change: ClassChange, profile: Profile): ChangedClasses {
  const { before, after } = change;
  const facesBefore = createFaces(before.space, profile, before.blocksHitPods);
  const facesAfter = createFaces(after.space, profile, after.blocksHitPods);
  const all = [...old.all];
  const keys = new Map<string, number>();
  const members = new Map<number, Endpoint[]>();
  const membersOf = (index: number): Endpoint[] => {
    let own = members.get(index);
    if (!own) members.set(index, (own = [...(all[index]?.members ?? [])]));
    return own;
  };

  const outs = new Map<number, Set<Endpoint>>();
  for (const [index, pods] of change.parting) outs.set(index, new Set(pods));
  for (const pod of change.leaving)
    for (const { index, members: own } of old.ofWorkload[pod.workload.index] ?? []) {
      if (!own.includes(pod)) continue;
      const known = outs.get(index);
      if (known) known.add(pod);
      else outs.set(index, new Set([pod]));
    }
  for (const [index, out] of outs) {
    const from = all[index] as PodClass;
    const rest = from.members.filter((pod) => !out.has(pod));
    members.set(index, rest);
    all[index] = { ...from, labels: rest[0]?.identity ?? from.labels };
  }

  const join = (pod: Endpoint, face: Face): void => {
    const namespace = change.namespaces.get(pod.workload.namespace);
    if (!namespace) return;
    const side = sideOf(pod.identity, after.lines);
    const signature = old.signatures.of(pod.spec);
    const key = keyOf(namespace.name, side, signature, face, pod.hostNetwork);
    const known = keys.get(key) ?? old.byKey.get(key);
    const found = known === undefined ? undefined : all[known];
    // A class whose pods are all on one side of a later line has kept the key it had before.
    if (found && (membersOf(found.index).length === 0 || sideOf(found.labels, after.lines) === side)) {
      if (membersOf(found.index).length === 0)
        all[found.index] = { ...classFor(found.index, namespace, pod, signature, face), members: [] };
      membersOf(found.index).push(pod);
      return;
    }
    keys.set(key, all.length);
    members.set(all.length, [pod]);
    all.push({ ...classFor(all.length, namespace, pod, signature, face), members: [] });
  };
  const gone = new Set(change.leaving);
  for (const [index, pods] of change.parting) {
    const { reading, address, families } = old.all[index] as PodClass;
    for (const pod of pods) {
      if (gone.has(pod)) continue;
      const place = facesBefore(pod).findIndex(
        (face) => face.reading === reading && face.address === address && face.families === families,
      );
      const face = facesAfter(pod)[place];
      if (face) join(pod, face);
    }
  }
  for (const pod of change.joining) for (const face of facesAfter(pod)) join(pod, face);

  const moved = new Set(members.keys());
  for (const [index, own] of members) all[index] = { ...(all[index] as PodClass), members: own };
  const renamed = new Set<number>();
  for (const [name, own] of old.byNamespace) {
    const namespace = change.namespaces.get(name);
    if (!namespace || own[0]?.namespace === namespace) continue;
    for (const { index } of own) {
      all[index] = { ...(all[index] as PodClass), namespace };
      if (!moved.has(index)) renamed.add(index);
    }
  }
  const touched = renamed.size === 0 ? moved : new Set([...moved, ...renamed]);
  return {
    moved,
    renamed,
    classes: {
      ...old,
      all,
      lines: after.lines,
      byKey: old.byKey.with(keys),
      byNamespace: listsAfter(old, all, touched),
      ofWorkload: ofWorkloadsAfter(old, all, touched),
      open: openAfter(old, all, touched, after.blocksHitPods),
    },
  };
}

function openAfter(
  old: Classes,
  all: readonly PodClass[],
  touched: ReadonlySet<number>,
  blocksHitPods: boolean,
): ReadonlySet<number> {
  const isOpen = (index: number): boolean => isOpenClass(all[index] as PodClass, blocksHitPods);
  if ([...touched].every((index) => old.open.has(index) === isOpen(index))) return old.open;
  const open = new Set(old.open);
  for (const index of touched)
    if (isOpen(index)) open.add(index);
    else open.delete(index);
  return open;
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
