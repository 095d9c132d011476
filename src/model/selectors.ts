import { isRecord, list, records, text } from './json.ts';

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** One requirement of a label selector; all of them must be met. */
export type Requirement =
  | { readonly operator: 'In'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'NotIn'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'Exists'; readonly key: string }
  | { readonly operator: 'DoesNotExist'; readonly key: string };

/** A label selector as a conjunction; no requirement matches everything. A nil selector is the caller's business. */
export type LabelSelector = readonly Requirement[];

/** A selector, or why the API server would refuse it and where. */
export type ParsedSelector =
  | { readonly kind: 'ok'; readonly selector: LabelSelector }
  | { readonly kind: 'invalid'; readonly says: string; readonly path: readonly (string | number)[] };

/**
 * Reads a `metav1.LabelSelector` (matchLabels and matchExpressions) with the API server's validation: an unknown
 * operator or field, an ill-formed key or value, or a wrong number of values makes it invalid, never wider.
 * Source: apimachinery/pkg/apis/meta/v1/validation.
 */
export function parseSelector(raw: unknown): ParsedSelector {
  if (raw === undefined || raw === null) return { kind: 'ok', selector: [] };
  if (!isRecord(raw)) return { kind: 'invalid', says: 'a label selector is an object', path: [] };
  const requirements: Requirement[] = [];
  for (const field in raw) {
    if (field !== 'matchLabels' && field !== 'matchExpressions') {
      return { kind: 'invalid', says: `unknown field ${JSON.stringify(field)} in a label selector`, path: [field] };
    }
  }
  if (raw['matchLabels'] != null) {
    if (!isRecord(raw['matchLabels'])) return { kind: 'invalid', says: 'matchLabels is a map', path: ['matchLabels'] };
    for (const key in raw['matchLabels']) {
      const value = raw['matchLabels'][key];
      const wrong = wrongKey(key) ?? wrongValue(value);
      if (wrong !== undefined) return { kind: 'invalid', says: wrong, path: ['matchLabels', key] };
      requirements.push({ operator: 'In', key, values: [value as string] });
    }
  }
  if (raw['matchExpressions'] != null && !Array.isArray(raw['matchExpressions'])) {
    return { kind: 'invalid', says: 'matchExpressions is a list', path: ['matchExpressions'] };
  }
  if (raw['matchExpressions'] == null) return { kind: 'ok', selector: requirements };
  if (records(raw['matchExpressions']).length !== list(raw['matchExpressions']).length) {
    return { kind: 'invalid', says: 'every matchExpression is an object', path: ['matchExpressions'] };
  }
  for (const [index, expression] of records(raw['matchExpressions'])) {
    const path = ['matchExpressions', index];
    const key = text(expression['key']) ?? '';
    const wrong = wrongKey(key);
    if (wrong !== undefined) return { kind: 'invalid', says: wrong, path: [...path, 'key'] };
    const values = list(expression['values'] ?? []);
    const operator = expression['operator'];
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) return { kind: 'invalid', says: `operator ${operator} needs values`, path };
      for (const value of values) {
        const bad = wrongValue(value);
        if (bad !== undefined) return { kind: 'invalid', says: bad, path: [...path, 'values'] };
      }
      requirements.push({ operator, key, values: values as string[] });
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) return { kind: 'invalid', says: `operator ${operator} takes no values`, path };
      requirements.push({ operator, key });
    } else {
      return { kind: 'invalid', says: `unknown operator ${JSON.stringify(operator)}`, path: [...path, 'operator'] };
    }
  }
  return { kind: 'ok', selector: requirements };
}

/** Whether labels meet every requirement. `NotIn` and `DoesNotExist` match objects that lack the key. */
export function matches(selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    switch (requirement.operator) {
      case 'In':
        return value !== undefined && requirement.values.includes(value);
      case 'NotIn':
        return value === undefined || !requirement.values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
    }
  });
}

/** The requirement that exactly those labels meet which do not meet this one. */
export function opposite(requirement: Requirement): Requirement {
  switch (requirement.operator) {
    case 'In':
      return { ...requirement, operator: 'NotIn' };
    case 'NotIn':
      return { ...requirement, operator: 'In' };
    case 'Exists':
      return { ...requirement, operator: 'DoesNotExist' };
    case 'DoesNotExist':
      return { ...requirement, operator: 'Exists' };
  }
}

/** `app=web,tier in (a,b),!legacy`, as kubectl prints selectors; `everything` for the empty one. */
export function formatSelector(selector: LabelSelector): string {
  if (selector.length === 0) return 'everything';
  return selector
    .map((r) => {
      if (r.operator === 'Exists') return r.key;
      if (r.operator === 'DoesNotExist') return `!${r.key}`;
      if (r.operator === 'In' && r.values.length === 1) return `${r.key}=${r.values[0]}`;
      return `${r.key} ${r.operator === 'In' ? 'in' : 'notin'} (${r.values.join(',')})`;
    })
    .join(',');
}

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function wrongKey(key: string): string | undefined {
  if (!key.includes('/') && NAME.test(key)) return undefined;
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const fine =
    parts.length <= 2 &&
    NAME.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix)));
  return fine ? undefined : `${JSON.stringify(key)} is no label key`;
}

function wrongValue(value: unknown): string | undefined {
  return typeof value === 'string' && (value === '' || NAME.test(value))
    ? undefined
    : `${JSON.stringify(value)} is no label value`;
}
