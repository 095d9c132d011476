import { memoised } from '../../../model/memoised.ts';
import { matches, type LabelSelector } from '../../../model/selectors.ts';
import type { Endpoint, NetworkAnalysis } from '../index.ts';
import type { NamespaceScope } from '../policies/policy.ts';

/** Pods by what selects them. Each distinct selector is looked up once. */
export interface PodIndex {
  readonly all: readonly Endpoint[];
  inNamespace(name: string): readonly Endpoint[];
  select(namespaces: NamespaceScope, pods: LabelSelector): readonly Endpoint[];
}

interface Indexed {
  readonly namespaces: NetworkAnalysis['namespaces'];
  readonly index: PodIndex;
}
const INDEXES = new WeakMap<NetworkAnalysis['workloads'], Indexed>();

/** The index of an analysis, made when first asked for. Analyses of states that differ in policies only share it. */
export function podIndex(analysis: NetworkAnalysis): PodIndex {
  const { workloads, namespaces } = analysis;
  let known = INDEXES.get(workloads);
  if (known?.namespaces !== namespaces)
    INDEXES.set(workloads, (known = { namespaces, index: createPodIndex(analysis) }));
  return known.index;
}

function createPodIndex(analysis: NetworkAnalysis): PodIndex {
  const byNamespace = Map.groupBy(
    analysis.workloads.flatMap(({ endpoints }) => endpoints),
    ({ workload }) => workload.namespace,
  );
  const inNamespace = (name: string): readonly Endpoint[] => byNamespace.get(name) ?? [];
  const find = (namespaces: NamespaceScope, pods: LabelSelector): readonly Endpoint[] => {
    const inside =
      namespaces.kind === 'name'
        ? inNamespace(namespaces.name)
        : [...byNamespace].flatMap(([name, list]) =>
            matches(namespaces.selector, analysis.namespaces.get(name)?.labels ?? {}) ? list : [],
          );
    return inside.filter(({ labels }) => matches(pods, labels));
  };
  // Policies keep their selectors: the same objects are asked for again and again, and equal ones now and then.
  const asked = memoised((_: LabelSelector) => new Map<NamespaceScope, readonly Endpoint[]>());
  const written = new Map<string, readonly Endpoint[]>();
  return {
    all: [...byNamespace.values()].flat(),
    inNamespace,
    select(namespaces, pods) {
      const before = asked(pods);
      let found = before.get(namespaces);
      if (found) return found;
      const key = JSON.stringify([namespaces, pods]);
      found = written.get(key) ?? find(namespaces, pods);
      before.set(namespaces, found);
      written.set(key, found);
      return found;
    },
  };
}
