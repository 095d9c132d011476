import { DIRECTIONS, type Policy } from '../policies/policy.ts';
import { homeOf, namespacePolicies, podsOf, some, type Lint } from './define-lint.ts';

/** A policy that allows everyone everything in every direction it isolates: it restricts nothing, and undoes what others restrict. */
export const vacuousPolicy: Lint = {
  id: 'vacuous-policy',
  title: 'The policy allows everything it could forbid',
  severity: 'medium',
  insteadOf: ['redundant-policy', 'redundant-rule'],
  *run(input) {
    const policies = namespacePolicies(input);
    for (const policy of policies) {
      const isolated = DIRECTIONS.filter((direction) => policy.isolates[direction]);
      if (isolated.length === 0 || !isolated.every((direction) => allowsAll(policy, direction))) continue;
      const pods = podsOf(input, policy.subject);
      const undone = policies.filter(
        (other) =>
          other !== policy &&
          homeOf(other) === homeOf(policy) &&
          isolated.some((direction) => other.isolates[direction] && !allowsAll(other, direction)) &&
          podsOf(input, other.subject).some((pod) => pods.includes(pod)),
      );
      const effect =
        undone.length > 0
          ? `and with it ${undone.map(({ ref }) => ref.name).join(', ')} restrict nothing any more, because policies add up`
          : 'as if it were not there';
      yield {
        policy,
        path: ['spec'],
        pods,
        message: `it allows ${isolated.join(' and ')} of ${some(pods) || 'the pods it selects'} completely, ${effect}`,
        fix: {
          says: 'Delete it, or name who may.',
          changes: [{ kind: 'delete', object: policy.ref }],
        },
      };
    }
    for (const policy of input.analysis.policies) {
      if ((policy.tier !== 'admin' && policy.tier !== 'baseline') || policy.invalid) continue;
      if (DIRECTIONS.some((direction) => policy.rules[direction].length > 0)) continue;
      yield {
        policy,
        path: ['spec'],
        message: 'an admin policy without rules does nothing: unlike a NetworkPolicy it isolates nobody',
        fix: { says: 'Write rules, or delete it.', changes: [{ kind: 'delete', object: policy.ref }] },
      };
    }
  },
};

function allowsAll({ rules }: Policy, direction: (typeof DIRECTIONS)[number]): boolean {
  return rules[direction].some(
    (rule) => rule.ports === 'all' && rule.peers.some(({ term }) => term.kind === 'everyone'),
  );
}
