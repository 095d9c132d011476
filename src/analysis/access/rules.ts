import { isRecord, records } from '../../model/json.ts';
import type { AccessRequest, PolicyRule } from './types.ts';

/**
 * Reads `rules` of a role. An entry that is no object keeps its place as a rule that grants nothing, so that
 * indexes stay those of the file.
 */
export function readRules(raw: unknown): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const [index, rule] of records(raw)) {
    while (rules.length < index) rules.push(NO_RULE);
    rules.push({
      verbs: texts(rule['verbs']),
      apiGroups: texts(rule['apiGroups']),
      resources: texts(rule['resources']),
      resourceNames: texts(rule['resourceNames']),
      nonResourceURLs: texts(rule['nonResourceURLs']),
    });
  }
  return rules;
}

/**
 * Whether one rule allows a request: verb, group, resource and name must all match inside it. A lone star covers
 * every resource and subresource; a star before a slash covers that subresource of every resource; plain `pods`
 * does not cover `pods/exec`, and `pods/*` is no wildcard.
 * Source: kubernetes plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/apis/rbac/v1/evaluation_helpers.go.
 */
export function ruleAllows(rule: PolicyRule, request: AccessRequest): boolean {
  if (!has(rule.verbs, request.verb)) return false;
  if (request.kind === 'nonResource') return rule.nonResourceURLs.some((url) => urlCovers(url, request.path));
  return (
    has(rule.apiGroups, request.group) &&
    resourceMatches(rule.resources, request.resource, request.subresource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(request.name))
  );
}

/** `pods/exec`; the resource alone when there is no subresource. */
export function combinedResource(resource: string, subresource: string): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** `*`, the path itself, or a prefix that ends in stars, all of which are trimmed: `/a**` is `/a*`. */
export function urlCovers(url: string, path: string): boolean {
  if (url === '*' || url === path) return true;
  return url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''));
}

/** `get, list on pods, pods/log named a`, `get on path /metrics`. */
export function describeRule(rule: PolicyRule): string {
  const verbs = rule.verbs.join(', ');
  if (rule.nonResourceURLs.length > 0) return `${verbs} on path ${rule.nonResourceURLs.join(', ')}`;
  const named = rule.resourceNames.length === 0 ? '' : ` named ${rule.resourceNames.join(', ')}`;
  const groups = rule.apiGroups.filter((group) => group !== '');
  const of =
    groups.length === 0 ? '' : ` of ${groups.map((group) => (group === '*' ? 'any group' : group)).join(', ')}`;
  return `${verbs} on ${rule.resources.join(', ')}${of}${named}`;
}

function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  const combined = combinedResource(resource, subresource);
  for (const written of resources) {
    if (written === '*' || written === combined) return true;
    if (subresource !== '' && written === `*/${subresource}`) return true;
  }
  return false;
}

function has(values: readonly string[], wanted: string): boolean {
  return values.includes(wanted) || values.includes('*');
}

/** The list as it is when all of it is text, as nearly always: 50,000 roles are not copied. */
function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return NOTHING;
  return value.every((entry) => typeof entry === 'string') ? value : value.filter((entry) => typeof entry === 'string');
}

const NOTHING: readonly string[] = Object.freeze([]);
const NO_RULE: PolicyRule = Object.freeze({
  verbs: NOTHING,
  apiGroups: NOTHING,
  resources: NOTHING,
  resourceNames: NOTHING,
  nonResourceURLs: NOTHING,
});

/** Whether `rules` of a role counts as left to be filled in: absent, null or an empty list. */
export function hasNoRules(raw: unknown): boolean {
  return !Array.isArray(raw) || !raw.some(isRecord);
}
