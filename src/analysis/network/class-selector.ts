import { matches, type LabelSelector } from '../../model/selectors.ts';
import type { Classes, PodClass } from './classes.ts';
import type { NetworkNamespace } from './endpoints.ts';
import type { NamespaceScope } from './policy.ts';

/** Finds the classes a selector picks. Posting lists by label, so the cost is the rarest requirement's, not the cluster's. */
export interface ClassSelector {
  /** Sorted class indexes. Host-network pods read as nodes are picked only with `withHosts`. */
  select(namespaces: NamespaceScope, pods: LabelSelector, withHosts?: boolean): readonly number[];
  matchesNamespace(scope: NamespaceScope, namespace: NetworkNamespace): boolean;
}

export function createClassSelector(classes: Classes, mentionedKeys: Iterable<string>): ClassSelector {
  const mentioned = new Set(mentionedKeys);
  let everywhere: Postings | undefined;
  const perNamespace = new Map<string, Postings>();
  const within = (namespace: string): Postings => {
    let known = perNamespace.get(namespace);
    if (!known) perNamespace.set(namespace, (known = postingsOf(classes.byNamespace.get(namespace) ?? [], mentioned)));
    return known;
  };
  const namespaces = [...classes.byNamespace.values()];
  const namespaceMemo = new Map<string, readonly (readonly PodClass[])[]>();
  const matchesNamespace = (scope: NamespaceScope, namespace: NetworkNamespace): boolean =>
    scope.kind === 'name' ? scope.name === namespace.name : matches(scope.selector, namespace.labels);
  const matching = (scope: NamespaceScope): readonly (readonly PodClass[])[] => {
    if (scope.kind === 'name') return [classes.byNamespace.get(scope.name) ?? []];
    const key = JSON.stringify(scope.selector);
    let found = namespaceMemo.get(key);
    if (!found) {
      found = namespaces.filter(([first]) => first && matches(scope.selector, first.namespace.labels));
      namespaceMemo.set(key, found);
    }
    return found;
  };
  const select: ClassSelector['select'] = (scope, pods, withHosts = false) => {
    const found: number[] = [];
    const take = (podClass: PodClass): void => {
      if (podClass.reading === 'node' && !withHosts) return;
      if (matches(pods, podClass.labels)) found.push(podClass.index);
    };
    const lists = matching(scope);
    const only = lists.length === 1 ? lists[0]?.[0]?.namespace.name : undefined;
    if (only !== undefined) {
      for (const podClass of rarest(within(only), pods) ?? lists[0] ?? []) take(podClass);
      return found;
    }
    const candidates = rarest((everywhere ??= postingsOf(classes.all, mentioned)), pods);
    const size = lists.reduce((sum, list) => sum + list.length, 0);
    if (candidates && candidates.length < size) {
      for (const podClass of candidates) if (matchesNamespace(scope, podClass.namespace)) take(podClass);
      return found;
    }
    for (const list of lists) for (const podClass of list) take(podClass);
    return found.sort((a, b) => a - b);
  };
  return { select, matchesNamespace };
}

/** Classes by label, each list sorted by index. */
type Postings = ReadonlyMap<string, ReadonlyMap<string, readonly PodClass[]>>;

function postingsOf(classes: readonly PodClass[], keys: ReadonlySet<string>): Postings {
  const postings = new Map<string, Map<string, PodClass[]>>();
  for (const podClass of classes) {
    for (const key in podClass.labels) {
      if (!keys.has(key)) continue;
      let byValue = postings.get(key);
      if (!byValue) postings.set(key, (byValue = new Map()));
      const value = podClass.labels[key] ?? '';
      const posting = byValue.get(value);
      if (posting) posting.push(podClass);
      else byValue.set(value, [podClass]);
    }
  }
  return postings;
}

/** The shortest list that holds every class a selector can match; undefined when no requirement names one value. */
function rarest(postings: Postings, selector: LabelSelector): readonly PodClass[] | undefined {
  let best: readonly PodClass[] | undefined;
  for (const requirement of selector) {
    if (requirement.operator !== 'In' || requirement.values.length !== 1) continue;
    const posting = postings.get(requirement.key)?.get(requirement.values[0] ?? '') ?? NO_CLASSES;
    if (!best || posting.length < best.length) best = posting;
  }
  return best;
}

const NO_CLASSES: readonly PodClass[] = [];
