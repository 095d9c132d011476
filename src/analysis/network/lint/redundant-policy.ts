import { DIRECTIONS, type Policy } from '../policies/policy.ts';
import { covered, type RuleIn } from './coverage.ts';
import { homeOf, namespacePolicies, podsOf, selectsEveryPod, some, type Lint, type LintInput } from './define-lint.ts';

/** A policy without which nothing would change: others isolate its pods, and others allow what it allows. */
export const redundantPolicy: Lint = {
  id: 'redundant-policy',
  title: 'Removing the policy would change nothing',
  severity: 'low',
  insteadOf: ['redundant-rule'],
  *run(input) {
    const byNamespace = Map.groupBy(namespacePolicies(input), homeOf);
    for (const [, policies] of byNamespace) {
      // Of two policies that make each other redundant only the later is said to be.
      const gone = new Set<Policy>();
      for (const policy of [...policies].reverse()) {
        const pods = podsOf(input, policy.subject);
        const others = policies.filter((other) => other !== policy && !gone.has(other));
        if (pods.length === 0 || !isRedundant(policy, others, input)) continue;
        gone.add(policy);
        yield {
          policy,
          path: ['spec'],
          pods,
          message: `without it nothing would change for ${some(pods)}: other policies isolate the same directions and allow the same`,
          fix: { says: 'Delete it.', changes: [{ kind: 'delete', object: policy.ref }] },
        };
      }
    }
  },
};

function isRedundant(policy: Policy, others: readonly Policy[], input: LintInput): boolean {
  const directions = DIRECTIONS.filter((direction) => policy.isolates[direction]);
  return (
    directions.length > 0 &&
    !namesAbsent(policy, input) &&
    podsOf(input, policy.subject).every((pod) => {
      const beside = others.filter(
        (other) => podsOf(input, other.subject).includes(pod) && (!selectsEveryPod(policy) || selectsEveryPod(other)),
      );
      return directions.every((direction) => {
        if (!beside.some(({ isolates }) => isolates[direction])) return false;
        const rules: readonly RuleIn[] = beside.flatMap((other) =>
          other.isolates[direction] ? other.rules[direction].map((rule) => ({ policy: other, rule })) : [],
        );
        return policy.rules[direction].every((rule) => covered({ policy, rule }, rules, pod, direction, input));
      });
    })
  );
}

/** A peer that nobody is yet may be somebody tomorrow, or just not read: then the policy is not said to be needless. */
function namesAbsent({ rules }: Policy, input: LintInput): boolean {
  return DIRECTIONS.flatMap((direction) => rules[direction]).some((rule) =>
    rule.peers.some(({ term }) => term.kind === 'pods' && podsOf(input, term).length === 0),
  );
}
