import type { Endpoint } from '../index.ts';
import { DIRECTIONS, type Direction, type Policy } from '../policies/policy.ts';
import { covered, type RuleIn } from './coverage.ts';
import { removeRule } from './change.ts';
import { podsOf, some, type Lint, type LintInput } from './define-lint.ts';

/** Admin rules are tried in order and the first match decides: a rule that an earlier one always precedes never does. */
export const shadowedRule: Lint = {
  id: 'shadowed-rule',
  title: 'An admin rule never decides, because earlier ones always do',
  severity: 'medium',
  *run(input) {
    for (const tier of ['admin', 'baseline'] as const) {
      const policies = input.analysis.policies
        .filter((policy) => policy.tier === tier && !policy.invalid)
        .sort((a, b) => a.priority - b.priority || (a.ref.name < b.ref.name ? -1 : 1));
      for (const direction of DIRECTIONS) {
        const before: RuleIn[] = [];
        for (const policy of policies) {
          const pods = subjectsOf(policy, input);
          for (const rule of policy.rules[direction]) {
            const one = { policy, rule };
            // Of two policies of one priority neither is sure to come first.
            const sure = before.filter((other) => other.policy === policy || other.policy.priority < policy.priority);
            const shadows = shadowing(one, sure, pods, direction, input);
            if (shadows) {
              yield {
                policy,
                path: rule.path,
                pods,
                message: `it never decides for ${some(pods)}: ${shadows.map(({ policy: by, rule: earlier }) => `${by.ref.name} ${direction}[${earlier.index}] (${earlier.action})`).join(', ')} comes first and matches all of it`,
                fix: {
                  says: 'Put it before the other, or take it out.',
                  changes: [removeRule(policy, rule.path)],
                },
              };
            }
            before.push(one);
          }
        }
      }
    }
  },
};

function subjectsOf({ subject }: Policy, input: LintInput): readonly Endpoint[] {
  return podsOf(input, subject).filter(({ hostNetwork }) => !hostNetwork);
}

/** The earlier rules, when for every pod of the policy they match all that this one does. */
function shadowing(
  one: RuleIn,
  before: readonly RuleIn[],
  pods: readonly Endpoint[],
  direction: Direction,
  input: LintInput,
): readonly RuleIn[] | undefined {
  if (pods.length === 0 || before.length === 0) return undefined;
  const namesSomebody = one.rule.peers.some(({ term }) => term.kind !== 'pods' || podsOf(input, term).length > 0);
  if (!namesSomebody) return undefined;
  const used = new Set<RuleIn>();
  for (const pod of pods) {
    const earlier = before.filter(({ policy }) => subjectsOf(policy, input).includes(pod));
    if (!covered(one, earlier, pod, direction, input)) return undefined;
    for (const other of earlier) if (covered(one, [other], pod, direction, input)) used.add(other);
    if (used.size === 0) for (const other of earlier) used.add(other);
  }
  return [...used].slice(0, 3);
}
