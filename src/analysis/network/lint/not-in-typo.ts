import { nearest } from '../../../model/suggest.ts';
import { replace } from './change.ts';
import { namespacePolicies, podsUnknown, type Lint } from './define-lint.ts';
import { selectorsOf, withRequirement } from './selectors-of.ts';

/** `NotIn` with a value that nothing has excludes nothing: it matches everything, pods without the label included. */
export const notInTypo: Lint = {
  id: 'not-in-typo',
  title: 'NotIn excludes a value that nothing has',
  severity: 'high',
  *run(input) {
    if (podsUnknown(input)) return;
    for (const policy of namespacePolicies(input)) {
      for (const { path, selector, of, candidates } of selectorsOf(policy, input.analysis)) {
        for (const requirement of selector) {
          if (requirement.operator !== 'NotIn' || candidates.length === 0) continue;
          const { key, values } = requirement;
          const there = new Set(
            candidates.flatMap((labels) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : [])),
          );
          const strange = values.filter((value) => !there.has(value));
          if (strange.length === 0) continue;
          const meant = values.map((value) => (there.has(value) ? value : nearest(value, [...there])));
          const corrected = meant.filter((value) => value !== undefined);
          const next = corrected.length > 0 ? { ...requirement, values: corrected } : undefined;
          yield {
            policy,
            path,
            message: `NotIn [${strange.join(', ')}] excludes nothing: no ${of === 'pods' ? 'pod there' : 'namespace'} has ${key} with ${strange.length === 1 ? 'that value' : 'those values'}, so it matches all ${candidates.length}`,
            fix: {
              says: next
                ? `Exclude ${corrected.join(', ')}, which is there.`
                : 'Take the requirement out: it says nothing as it is.',
              changes: [replace(policy.ref, path, withRequirement(policy, path, requirement, next))],
            },
          };
        }
      }
    }
  },
};
