import type { LabelSelector } from '../../../model/selectors.ts';

/** The values that some selectors compare each label key with. */
export type MentionedLabels = ReadonlyMap<string, ReadonlySet<string>>;

/** What selectors and rules look at; everything else about a pod is forgotten. */
export interface Mentioned {
  readonly labels: MentionedLabels;
  /** Whether any address block can hit a pod. */
  readonly blocksHitPods: boolean;
}

/** Adds what a selector compares. */
export function mentionSelector(labels: Map<string, Set<string>>, selector: LabelSelector): void {
  for (const requirement of selector) {
    let values = labels.get(requirement.key);
    if (!values) labels.set(requirement.key, (values = new Set()));
    if ('values' in requirement) for (const value of requirement.values) values.add(value);
  }
}
