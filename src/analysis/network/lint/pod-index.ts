import { matches, type LabelSelector } from '../../../model/selectors.ts';
import type { Endpoint, NetworkAnalysis } from '../index.ts';
import type { NamespaceScope } from '../policy.ts';

/** Pods by what selects them. Each distinct selector is looked up once. */
export interface PodIndex {
  readonly all: readonly Endpoint[];
  inNamespace(name: string): readonly Endpoint[];
  select(namespaces: NamespaceScope, pods: LabelSelector): readonly Endpoint[];
}

const INDEXES = new WeakMap<NetworkAnalysis, PodIndex>();

/** The index of an analysis, made when first asked for. */
export function podIndex(analysis: NetworkAnalysis): PodIndex {
  let index = INDEXES.get(analysis);
  if (!index) INDEXES.set(analysis, (index = createPodIndex(analysis)));
  return index;
}

function createPodIndex(analysis: NetworkAnalysis): PodIndex {
  const byNamespace = Map.groupBy(
    analysis.workloads.flatMap(({ endpoints }) => endpoints),
    ({ workload }) => workload.namespace,
  );
  const memo = new Map<string, readonly Endpoint[]>();
  const inNamespace = (name: string): readonly Endpoint[] => byNamespace.get(name) ?? [];
  return {
    all: [...byNamespace.values()].flat(),
    inNamespace,
    select(namespaces, pods) {
      const key = JSON.stringify([namespaces, pods]);
      let found = memo.get(key);
      if (!found) {
        const inside =
          namespaces.kind === 'name'
            ? inNamespace(namespaces.name)
            : [...byNamespace].flatMap(([name, list]) =>
                matches(namespaces.selector, analysis.namespaces.get(name)?.labels ?? {}) ? list : [],
              );
        memo.set(key, (found = inside.filter(({ labels }) => matches(pods, labels))));
      }
      return found;
    },
  };
}
