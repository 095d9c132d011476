import { at, list, records } from '../../model/json.ts';
import { matches, parseSelector, type LabelSelector } from '../../model/selectors.ts';
import type { Labels } from '../../model/selectors.ts';
import type { PolicyRule } from './types.ts';

/** What aggregation needs to know of a ClusterRole. */
export interface AggregationInput {
  readonly name: string;
  readonly labels: Labels;
  readonly rules: readonly PolicyRule[];
  /** Selectors of `aggregationRule.clusterRoleSelectors`; present only where the rules are left to the controller. */
  readonly selectors?: readonly LabelSelector[];
}

/** A rule and the place it was written: index `rule` in the rules of ClusterRole `role`. */
export interface WrittenRule {
  readonly role: string;
  readonly rule: number;
  readonly policy: PolicyRule;
}

/**
 * The rules the aggregation controller would fill in, per role that leaves them to it: the union of the rules of
 * every ClusterRole that one of the selectors matches, itself filled in first. Cycles are followed once: the answer
 * is the least fixed point, O(roles x selectors) for matching plus the edges between aggregated roles.
 */
export function aggregate(roles: readonly AggregationInput[]): ReadonlyMap<string, readonly WrittenRule[]> {
  const open = new Map(roles.flatMap((role) => (role.selectors ? [[role.name, role] as const] : [])));
  const parts = new Map<string, readonly AggregationInput[]>();
  for (const { name, selectors = [] } of open.values()) {
    parts.set(
      name,
      roles.filter((role) => role.name !== name && selectors.some((selector) => matches(selector, role.labels))),
    );
  }
  const filled = new Map<string, readonly WrittenRule[]>();
  for (const name of open.keys()) filled.set(name, collect(name));
  return filled;

  function collect(start: string): readonly WrittenRule[] {
    const seen = new Set([start]);
    const rules: WrittenRule[] = [];
    const ahead = [start];
    for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
      for (const part of parts.get(name) ?? []) {
        if (seen.has(part.name)) continue;
        seen.add(part.name);
        if (part.selectors) ahead.push(part.name);
        else part.rules.forEach((policy, rule) => rules.push({ role: part.name, rule, policy }));
      }
    }
    return rules;
  }
}

export type ParsedAggregation =
  | { readonly kind: 'none' }
  | { readonly kind: 'selectors'; readonly selectors: readonly LabelSelector[] }
  | { readonly kind: 'invalid'; readonly says: string; readonly path: string };

/** Reads `aggregationRule` of a ClusterRole. */
export function readAggregation(object: unknown): ParsedAggregation {
  const written = at(object, 'aggregationRule');
  if (written === undefined || written === null) return { kind: 'none' };
  const raw = at(written, 'clusterRoleSelectors');
  const selectors: LabelSelector[] = [];
  if (records(raw).length !== list(raw).length) {
    return { kind: 'invalid', says: 'every selector is an object', path: 'aggregationRule.clusterRoleSelectors' };
  }
  for (const [index, selector] of records(raw)) {
    const parsed = parseSelector(selector);
    if (parsed.kind === 'invalid') {
      return { kind: 'invalid', says: parsed.says, path: `aggregationRule.clusterRoleSelectors[${index}]` };
    }
    selectors.push(parsed.selector);
  }
  return { kind: 'selectors', selectors };
}
