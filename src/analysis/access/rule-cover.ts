import { urlCovers } from './rules.ts';
import type { PolicyRule } from './types.ts';

/** The smallest pieces a rule is made of: one verb on one resource of one group (and name), or on one path. */
export interface RuleAtom {
  readonly verb: string;
  readonly group?: string;
  readonly resource?: string;
  readonly name?: string;
  readonly url?: string;
}

/**
 * The atoms of `needed` that no single rule of `owned` covers; empty means covered, and the API server lets somebody
 * with `owned` hand out `needed`. A wildcard is covered only by the same or a wider wildcard, never by listing.
 * Source: component-helpers auth/rbac/validation/policy_comparator.go.
 */
export function uncovered(owned: readonly PolicyRule[], needed: readonly PolicyRule[]): readonly RuleAtom[] {
  return needed.flatMap(atomsOf).filter((atom) => !owned.some((rule) => coversAtom(rule, atom)));
}

/** Whether somebody who holds the rules `owned` holds everything in `needed`. */
export function covers(owned: readonly PolicyRule[], needed: readonly PolicyRule[]): boolean {
  return needed.every((rule) => atomsOf(rule).every((atom) => owned.some((one) => coversAtom(one, atom))));
}

export function atomsOf(rule: PolicyRule): readonly RuleAtom[] {
  const names = rule.resourceNames.length === 0 ? [undefined] : rule.resourceNames;
  const onResources = rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        names.map((name) => (name === undefined ? { verb, group, resource } : { verb, group, resource, name })),
      ),
    ),
  );
  return [...onResources, ...rule.nonResourceURLs.flatMap((url) => rule.verbs.map((verb) => ({ verb, url })))];
}

/** `create pods in any group named a`, `get path /metrics`. */
export function describeAtom({ verb, group = '', resource = '', name, url }: RuleAtom): string {
  if (url !== undefined) return `${verb} path ${url}`;
  const of = group === '' ? '' : group === '*' ? ' of any group' : ` of ${group}`;
  return `${verb} ${resource}${of}${name === undefined ? '' : ` named ${name}`}`;
}

function coversAtom(rule: PolicyRule, { verb, group, resource, name, url }: RuleAtom): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(verb)) return false;
  if (url !== undefined) return rule.nonResourceURLs.some((owned) => urlCovers(owned, url));
  if (!rule.apiGroups.includes('*') && !rule.apiGroups.includes(group ?? '')) return false;
  if (rule.resourceNames.length > 0 && (name === undefined || !rule.resourceNames.includes(name))) return false;
  return coversResource(rule.resources, resource ?? '');
}

function coversResource(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && owned.includes(`*${resource.slice(slash)}`);
}
