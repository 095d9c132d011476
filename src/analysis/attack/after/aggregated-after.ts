import { stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, type LabelSelector } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { readAggregation } from '../../access/aggregation.ts';
import { CLUSTER_ROLE } from '../../access/kinds.ts';
import { hasNoRules } from '../../access/rules.ts';
import type { OneChange } from './one-change.ts';

/** A ClusterRole whose rules the aggregation controller fills in. */
interface Filled {
  readonly resource: Resource;
  readonly selectors: readonly LabelSelector[];
}

/** The filled ClusterRoles, and what they are filled from. */
export interface Aggregated {
  /** Those that a changed ClusterRole is or was a part of, directly or through others. */
  concernedBy(changes: readonly OneChange[]): readonly KubernetesObject[];
  /** The ClusterRoles that filled ones among these are made of. */
  partsOf(roles: readonly Resource[]): readonly Resource[];
}

export function aggregatedIn(snapshot: Snapshot): Aggregated {
  const all = snapshot.list(CLUSTER_ROLE);
  const filled = all.flatMap((resource) => filledOf(resource) ?? []);
  return {
    concernedBy(changes) {
      const concerned = new Set<KubernetesObject>();
      const ahead = changes.flatMap(({ before, after }) =>
        [before, after].filter((one) => one?.kind === 'ClusterRole'),
      );
      for (let role = ahead.pop(); role; role = ahead.pop()) {
        for (const { resource, selectors } of filled) {
          const { object } = resource;
          if (concerned.has(object) || !selects(selectors, role)) continue;
          concerned.add(object);
          ahead.push(object);
        }
      }
      return [...concerned];
    },
    partsOf(roles) {
      const parts = new Set<Resource>();
      const ahead = roles.flatMap((role) => filledOf(role) ?? []);
      for (let whole = ahead.pop(); whole; whole = ahead.pop()) {
        for (const part of all) {
          if (parts.has(part) || !selects(whole.selectors, part.object)) continue;
          parts.add(part);
          const more = filledOf(part);
          if (more) ahead.push(more);
        }
      }
      return [...parts];
    },
  };
}

function filledOf(resource: Resource): Filled | undefined {
  const { object } = resource;
  if (object.kind !== 'ClusterRole' || object['aggregationRule'] === undefined) return undefined;
  const written = readAggregation(object);
  if (written.kind !== 'selectors' || !hasNoRules(object['rules'])) return undefined;
  return { resource, selectors: written.selectors };
}

function selects(selectors: readonly LabelSelector[], { metadata }: KubernetesObject): boolean {
  const labels = stringMap(metadata.labels);
  return selectors.some((selector) => matches(selector, labels));
}
