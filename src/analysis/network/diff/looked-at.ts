import { eachLeaf } from '../policies/each-term.ts';
import type { LabelSelector } from '../../../model/selectors.ts';
import type { NetworkAnalysis } from '../index.ts';
import { DIRECTIONS, type PodScope } from '../policies/policy.ts';

/** What the policies of some states look at: a change of anything else can't be why an edge is not what it was. */
export interface LookedAt {
  readonly podLabels: ReadonlySet<string>;
  readonly namespaceLabels: ReadonlySet<string>;
  /** Some rule names addresses. */
  readonly addresses: boolean;
  /** Some rule names a port by its name. */
  readonly portNames: boolean;
}

export function lookedAtBy(states: readonly NetworkAnalysis[]): LookedAt {
  const podLabels = new Set<string>();
  const namespaceLabels = new Set<string>();
  let [addresses, portNames] = [false, false];
  const keys = (into: Set<string>, selector: LabelSelector): void => {
    for (const { key } of selector) into.add(key);
  };
  const scope = ({ pods, namespaces }: PodScope): void => {
    keys(podLabels, pods);
    if (namespaces.kind === 'labels') keys(namespaceLabels, namespaces.selector);
  };
  for (const { subject, rules } of states.flatMap(({ policies }) => policies)) {
    [subject, ...(subject.alternatives ?? [])].forEach(scope);
    for (const { peers, ports } of DIRECTIONS.flatMap((direction) => rules[direction])) {
      for (const { term } of peers)
        eachLeaf(term, (leaf) => {
          if (leaf.kind === 'pods') scope(leaf);
          if (leaf.kind === 'block') addresses = true;
        });
      if (ports !== 'all' && ports.some(({ kind }) => kind === 'named')) portNames = true;
    }
  }
  return { podLabels, namespaceLabels, addresses, portNames };
}
