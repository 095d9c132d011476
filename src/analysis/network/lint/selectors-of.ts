import { isRecord, record } from '../../../model/json.ts';
import type { Labels, LabelSelector, Requirement } from '../../../model/selectors.ts';
import type { NetworkAnalysis } from '../index.ts';
import { DIRECTIONS, type NamespaceScope, type Path, type Policy } from '../policies/policy.ts';
import { home, written } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** A label selector as it stands in a policy, with the labels of everything it could pick from. */
export interface SelectorIn {
  /** Where it is written. */
  readonly path: Path;
  readonly selector: LabelSelector;
  readonly of: 'pods' | 'namespaces';
  readonly candidates: readonly Labels[];
}

/** Every selector of a policy: its subject, and the pods and namespaces of its peers. */
export function selectorsOf(policy: Policy, analysis: NetworkAnalysis): readonly SelectorIn[] {
  const namespaceLabels = [...analysis.namespaces.values()].map(({ labels }) => labels);
  const labelsIn = (scope: NamespaceScope): readonly Labels[] =>
    podIndex(analysis)
      .select(scope, [])
      .map(({ labels }) => labels);
  const found: SelectorIn[] = [
    { path: ['spec', 'podSelector'], selector: policy.subject.pods, of: 'pods', candidates: labelsIn(home(policy)) },
  ];
  for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
    for (const { term, path } of rule.peers) {
      if (term.kind !== 'pods') continue;
      if (term.namespaces.kind === 'labels')
        found.push({
          path: [...path, 'namespaceSelector'],
          selector: term.namespaces.selector,
          of: 'namespaces',
          candidates: namespaceLabels,
        });
      found.push({
        path: [...path, 'podSelector'],
        selector: term.pods,
        of: 'pods',
        candidates: labelsIn(term.namespaces),
      });
    }
  }
  return found;
}

/** The selector at a path as JSON, with one requirement put in the place of another; both forms of writing it are kept. */
export function withRequirement(policy: Policy, path: Path, old: Requirement, next: Requirement | undefined): unknown {
  const raw = record(written(policy, path));
  const labels = isRecord(raw['matchLabels']) ? raw['matchLabels'] : {};
  const expressions = Array.isArray(raw['matchExpressions']) ? (raw['matchExpressions'] as readonly unknown[]) : [];
  const isOld = (expression: unknown): boolean =>
    record(expression)['key'] === old.key && record(expression)['operator'] === old.operator;
  if (expressions.some(isOld)) {
    const kept = expressions.flatMap((expression) => (isOld(expression) ? (next ? [next] : []) : [expression]));
    return { ...raw, matchExpressions: kept };
  }
  const { [old.key]: _gone, ...others } = labels;
  const added = next && 'values' in next && next.values.length === 1 ? { [next.key]: next.values[0] } : {};
  return { ...raw, matchLabels: { ...others, ...added } };
}
