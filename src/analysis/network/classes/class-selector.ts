import { matches, type Labels, type LabelSelector, type Requirement } from '../../../model/selectors.ts';
import type { PodClass } from './classes.ts';
import type { NetworkNamespace } from '../inhabitants/namespaces.ts';
import { createLabelColumns, onColumn } from './label-columns.ts';
import type { NamespaceScope } from '../policies/policy.ts';
import { keyOfSelector } from '../policies/selector-key.ts';

/** Finds the classes a selector picks. Posting lists by label, so the cost is the rarest requirement's, not the cluster's. */
export interface ClassSelector {
  /** Sorted class indexes. Host-network pods read as nodes are picked only with `withHosts`. */
  select(namespaces: NamespaceScope, pods: LabelSelector, withHosts?: boolean): readonly number[];
}

const NONE: readonly number[] = [];

/** Some namespaces, with their classes. */
interface Place {
  /** 1 for each of them, by number. */
  readonly isIn: Uint8Array;
  readonly lists: readonly (readonly number[])[];
  readonly size: number;
}

/** A selector of some classes, given in the order of their indexes. */
export function createClassSelector(classes: readonly PodClass[]): ClassSelector {
  // Classes go by their place in the list.
  const columnOf = createLabelColumns(classes);
  const numberOf = new Map<string, number>();
  const namespaces: { readonly number: number; readonly labels: Labels; readonly classes: number[] }[] = [];
  const namespaceOf = Int32Array.from(classes, ({ namespace: { name, labels } }, place) => {
    let number = numberOf.get(name);
    if (number === undefined) {
      numberOf.set(name, (number = namespaces.length));
      namespaces.push({ number, labels, classes: [] });
    }
    namespaces[number]?.classes.push(place);
    return number;
  });
  const asNodes = Uint8Array.from(classes, ({ reading }) => (reading === 'node' ? 1 : 0));

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
    let listed: Requirement | undefined;
    for (const requirement of pods) {
      if (requirement.operator !== 'In' || requirement.values.length !== 1) continue;
      const { postings, numbers } = columnOf(requirement.key);
      const posting = postings[numbers.get(requirement.values[0] ?? '') ?? -1] ?? NONE;
      if (posting.length < size) [rarest, size, listed] = [posting, posting.length, requirement];
    }
    if (size === 0) return NONE;
    const checks = pods
      .filter((requirement) => requirement !== listed)
      .map((requirement) => {
        const column = columnOf(requirement.key);
        return { of: column.of, fits: onColumn(requirement, column) };
      });
    const found: number[] = [];
    for (const list of rarest ? [rarest] : place.lists)
      candidates: for (let i = 0; i < list.length; i++) {
        const at = list[i] as number;
        if (place.isIn[namespaceOf[at] as number] !== 1 || (!withHosts && asNodes[at] === 1)) continue;
        for (const { of, fits } of checks) if (!fits(of[at] as number)) continue candidates;
        found.push(classes[at]?.index ?? -1);
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
 * The selector after some classes changed: what `root` finds of all others, and what there is among the changed ones.
 * `root` must be right about the others.
 */
export function patchSelector(
  root: ClassSelector,
  all: readonly PodClass[],
  touched: ReadonlySet<number>,
): ClassSelector {
  const changed = createClassSelector(
    [...touched]
      .sort((a, b) => a - b)
      .flatMap((index) => all[index] ?? [])
      .filter(({ members }) => members.length > 0),
  );
  return {
    select(scope, pods, withHosts) {
      const kept = root.select(scope, pods, withHosts).filter((index) => !touched.has(index));
      const more = changed.select(scope, pods, withHosts);
      return more.length === 0 ? kept : [...kept, ...more].sort((a, b) => a - b);
    },
  };
}

export function isInScope(scope: NamespaceScope, { name, labels }: NetworkNamespace): boolean {
  return scope.kind === 'name' ? scope.name === name : matches(scope.selector, labels);
}
