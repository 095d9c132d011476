import type { Policy } from '../policies/policy.ts';
import { replace } from './change.ts';
import type { Lint } from './define-lint.ts';

const HIGHEST = 1000;

/** Which of two policies of one tier and priority comes first is undefined. */
export const equalPriority: Lint = {
  id: 'equal-priority',
  title: 'Two admin policies have the same priority',
  severity: 'medium',
  *run({ analysis }) {
    const ordered = analysis.policies.filter(
      ({ tier, invalid, ref }) =>
        (tier === 'admin' || tier === 'baseline') && !invalid && ref.kind !== 'BaselineAdminNetworkPolicy',
    );
    for (const [, group] of Map.groupBy(ordered, ({ tier, priority }) => `${tier} ${priority}`)) {
      const [first, ...others] = group;
      for (const policy of first ? others : []) {
        const free = freePriority(policy, ordered);
        yield {
          policy,
          path: ['spec', 'priority'],
          message: `${first?.ref.kind} ${first?.ref.name} has priority ${policy.priority}, too: which comes first is left to the implementation`,
          fix: {
            says: `Give each its own priority${free === undefined ? '' : `, here ${free}`}.`,
            ...(free === undefined ? {} : { changes: [replace(policy.ref, ['spec', 'priority'], free)] }),
          },
        };
      }
    }
  },
};

/** The next priority of the tier that nobody has. */
function freePriority({ tier, priority }: Policy, ordered: readonly Policy[]): number | undefined {
  const taken = new Set(ordered.filter((policy) => policy.tier === tier).map((policy) => policy.priority));
  for (let next = priority + 1; next <= HIGHEST; next++) if (!taken.has(next)) return next;
  return undefined;
}
