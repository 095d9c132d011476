import { DIRECTIONS, type Direction, type Policy } from '../policies/policy.ts';
import { removeRule } from './change.ts';
import { covered, type RuleIn } from './coverage.ts';
import { homeOf, namespacePolicies, podsOf, selectsEveryPod, some, type Lint, type LintInput } from './define-lint.ts';

/** A rule that others already say, for every pod selected now: it only misleads who reads it. */
export const redundantRule: Lint = {
  id: 'redundant-rule',
  title: 'A rule allows only what others allow already',
  severity: 'low',
  *run(input) {
    const policies = namespacePolicies(input);
    const byNamespace = Map.groupBy(policies, homeOf);
    for (const policy of policies) {
      const pods = podsOf(input, policy.subject);
      if (pods.length === 0) continue;
      for (const direction of DIRECTIONS) {
        if (!policy.isolates[direction]) continue;
        const neighbours = byNamespace.get(homeOf(policy)) ?? [];
        for (const rule of policy.rules[direction]) {
          const isNamed = rule.peers.some(
            ({ term }) =>
              term.kind === 'block' ||
              term.kind === 'everyone' ||
              (term.kind === 'pods' && podsOf(input, term).length > 0),
          );
          if (!isNamed) continue;
          const one = { policy, rule };
          const by = coveringRules(one, neighbours, direction, input);
          if (!by) continue;
          yield {
            policy,
            path: rule.path,
            pods,
            message: `what it allows ${some(pods)} is allowed already by ${by.map(describe).join(', ')}`,
            fix: {
              says: 'Take the rule out, or the wider one that was not meant.',
              changes: [removeRule(policy, rule.path)],
            },
          };
        }
      }
    }
  },
};

/**
 * The other rules when they cover this one for every pod it holds for. Of two rules that say the same, the later one
 * is called redundant, never both.
 */
function coveringRules(
  one: RuleIn,
  neighbours: readonly Policy[],
  direction: Direction,
  input: LintInput,
): readonly RuleIn[] | undefined {
  const used = new Set<RuleIn>();
  const candidates = neighbours.flatMap((policy) =>
    policy.isolates[direction] ? policy.rules[direction].map((rule) => ({ policy, rule })) : [],
  );
  const position = candidates.findIndex(({ policy, rule }) => policy === one.policy && rule === one.rule);
  for (const pod of podsOf(input, one.policy.subject)) {
    const others = candidates.filter(
      (other, i) =>
        i !== position &&
        podsOf(input, other.policy.subject).includes(pod) &&
        (!selectsEveryPod(one.policy) || selectsEveryPod(other.policy)) &&
        (i < position || !covered(other, [one], pod, direction, input)),
    );
    if (!covered(one, others, pod, direction, input)) return undefined;
    for (const other of others) if (used.size < 3 && !disjoint(one, other, pod, direction, input)) used.add(other);
  }
  return [...used];
}

/** Whether leaving the other out makes no difference to the covering, so that it need not be named. */
function disjoint(
  one: RuleIn,
  other: RuleIn,
  pod: Parameters<typeof covered>[2],
  direction: Direction,
  input: LintInput,
): boolean {
  return !covered(one, [other], pod, direction, input) && !covered(other, [one], pod, direction, input);
}

function describe({ policy, rule }: RuleIn): string {
  return `${policy.ref.name} ${rule.path.slice(1).join('[')}]`;
}
