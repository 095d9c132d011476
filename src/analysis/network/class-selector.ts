import { matches, type LabelSelector } from '../../model/selectors.ts';
import type { Classes } from './classes.ts';
import type { NetworkNamespace } from './endpoints.ts';
import { createLabelColumns, onColumn } from './label-columns.ts';
import type { NamespaceScope } from './policy.ts';
import { keyOfSelector } from './selector-key.ts';

/** Finds the classes a selector picks. Posting lists by label, so the cost is the rarest requirement's, not the cluster's. */
export interface ClassSelector {
  /** Sorted class indexes. Host-network pods read as nodes are picked only with `withHosts`. */
  select(namespaces: NamespaceScope, pods: LabelSelector, withHosts?: boolean): readonly number[];
}

/** Some namespaces, with their classes. */
interface Place {
  /** 1 for each of them, by number. */
  readonly isIn: Uint8Array;
  readonly lists: readonly (readonly number[])[];
  readonly size: number;
}

export function createClassSelector(classes: Classes): ClassSelector {
  const columnOf = createLabelColumns(classes.all);
  const namespaces = [...classes.byNamespace].map(([name, own], number) => ({
    name,
    number,
    labels: own[0]?.namespace.labels ?? {},
    classes: own.map(({ index }) => index),
  }));
  const namespaceOf = new Int32Array(classes.all.length);
  for (const { number, classes: own } of namespaces) for (const index of own) namespaceOf[index] = number;
  const numberOf = new Map(namespaces.map(({ name, number }) => [name, number]));
  const asNodes = Uint8Array.from(classes.all, ({ reading }) => (reading === 'node' ? 1 : 0));

  const placeOf = (chosen: readonly (typeof namespaces)[number][]): Place => {
    const isIn = new Uint8Array(namespaces.length);
    for (const { number } of chosen) isIn[number] = 1;
    const lists = chosen.map((namespace) => namespace.classes);
    return { isIn, lists, size: lists.reduce((sum, list) => sum + list.length, 0) };
  };
  const places = new Map<string, Place>();
  const placeIn = (scope: NamespaceScope): Place => {
    const name = scope.kind === 'name' ? scope.name : nameAlone(scope.selector);
    const key = name === undefined && scope.kind === 'labels' ? keyOfSelector(scope.selector) : `=${name}`;
    let place = places.get(key);
    if (!place) {
      const one = namespaces[numberOf.get(name ?? '') ?? -1];
      const chosen =
        name !== undefined
          ? one
            ? [one]
            : []
          : namespaces.filter(({ labels }) => scope.kind === 'labels' && matches(scope.selector, labels));
      places.set(key, (place = placeOf(chosen)));
    }
    return place;
  };

  const select: ClassSelector['select'] = (scope, pods, withHosts = false) => {
    const place = placeIn(scope);
    let rarest: readonly number[] | undefined;
    let size = place.size;
    const checks: { readonly of: Int32Array; readonly fits: (value: number) => boolean }[] = [];
    for (const requirement of pods) {
      const column = columnOf(requirement.key);
      checks.push({ of: column.of, fits: onColumn(requirement, column) });
      if (requirement.operator !== 'In' || requirement.values.length !== 1) continue;
      const posting = column.postings[column.numbers.get(requirement.values[0] ?? '') ?? -1] ?? [];
      if (posting.length < size) [rarest, size] = [posting, posting.length];
    }
    const found: number[] = [];
    for (const list of rarest ? [rarest] : place.lists)
      candidates: for (const index of list) {
        if (place.isIn[namespaceOf[index] ?? -1] !== 1 || (!withHosts && asNodes[index] === 1)) continue;
        for (const { of, fits } of checks) if (!fits(of[index] ?? -1)) continue candidates;
        found.push(index);
      }
    return rarest || place.lists.length < 2 ? found : found.sort((a, b) => a - b);
  };
  return { select };
}

/** The name, of a selector that says nothing else. */
function nameAlone(selector: LabelSelector): string | undefined {
  const [only, ...more] = selector;
  if (!only || more.length > 0 || only.key !== 'kubernetes.io/metadata.name' || only.operator !== 'In')
    return undefined;
  const [name] = only.values;
  return only.values.length === 1 && name !== '' ? name : undefined;
}

/**
 * The selector after some classes changed: what `root` finds, but for those that are touched, which are looked at one by
 * one. `root` must be right about all others.
 */
export function patchSelector(root: ClassSelector, classes: Classes, touched: ReadonlySet<number>): ClassSelector {
  const changed = [...touched]
    .sort((a, b) => a - b)
    .flatMap((index) => classes.all[index] ?? [])
    .filter(({ members }) => members.length > 0);
  return {
    select(scope, pods, withHosts = false) {
      const kept = root.select(scope, pods, withHosts).filter((index) => !touched.has(index));
      const more = changed.filter(
        ({ namespace, labels, reading }) =>
          (withHosts || reading === 'pod') && isInScope(scope, namespace) && matches(pods, labels),
      );
      return more.length === 0 ? kept : [...kept, ...more.map(({ index }) => index)].sort((a, b) => a - b);
    },
  };
}

export function isInScope(scope: NamespaceScope, { name, labels }: NetworkNamespace): boolean {
  return scope.kind === 'name' ? scope.name === name : matches(scope.selector, labels);
}
