import { nearest } from '../../../model/suggest.ts';
import type { Labels, Requirement } from '../../../model/selectors.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsUnknown, type Lint } from './define-lint.ts';
import { selectorsOf, withRequirement } from './selectors-of.ts';

/** A label key or value that nothing has, beside one nearly alike that something has, is a slip of the pen. */
export const labelTypo: Lint = {
  id: 'label-typo',
  title: 'A label that nothing has, nearly like one that is there',
  severity: 'high',
  insteadOf: ['selects-nothing', 'peer-matches-nothing'],
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      for (const { path, selector, of, candidates } of selectorsOf(policy, input.analysis)) {
        for (const requirement of selector) {
          const meant = correction(requirement, candidates);
          if (!meant) continue;
          yield {
            policy,
            path,
            message: `no ${of === 'pods' ? 'pod there' : 'namespace'} has ${meant.what}; did you mean ${meant.instead}?`,
            fix: {
              says: `Write ${meant.instead}.`,
              changes: [replace(policy.ref, path, withRequirement(policy, path, requirement, meant.requirement))],
            },
          };
        }
      }
    }
  },
};

interface Correction {
  readonly what: string;
  readonly instead: string;
  readonly requirement: Requirement;
}

/** What a requirement that asks for something nobody has was most likely meant to be. */
function correction(requirement: Requirement, candidates: readonly Labels[]): Correction | undefined {
  if (requirement.operator === 'DoesNotExist' || requirement.operator === 'NotIn') return undefined;
  const { key } = requirement;
  const keys = new Set(candidates.flatMap((labels) => Object.keys(labels)));
  if (!keys.has(key)) {
    const near = nearest(key, [...keys]);
    return near === undefined
      ? undefined
      : { what: `a label ${key}`, instead: near, requirement: { ...requirement, key: near } };
  }
  if (requirement.operator !== 'In' || requirement.values.length !== 1) return undefined;
  const [value = ''] = requirement.values;
  const values = new Set(candidates.flatMap((labels) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : [])));
  if (values.has(value)) return undefined;
  const near = nearest(value, [...values]);
  return near === undefined
    ? undefined
    : { what: `${key}=${value}`, instead: `${key}=${near}`, requirement: { ...requirement, values: [near] } };
}
