import { DEFAULT_OBJECTS } from '../../access/defaults/index.ts';
import type { CompiledRole } from '../../access/objects.ts';
import { readRules, ruleAllows } from '../../access/rules.ts';
import type { PolicyRule } from '../../access/types.ts';

const PARTS = ['admin', 'edit', 'view'].map((role) => `rbac.authorization.k8s.io/aggregate-to-${role}`);

/** What Kubernetes' own role `admin` allows in a namespace, as its parts are written. */
export const ADMINISTRATOR_RULES: readonly PolicyRule[] = DEFAULT_OBJECTS.filter(
  ({ kind, metadata }) => kind === 'ClusterRole' && PARTS.some((label) => metadata.labels?.[label] === 'true'),
).flatMap((role) => readRules(role['rules']));

/** Everything on everything. */
export function allowsEverything(rule: PolicyRule): boolean {
  const everything = [rule.verbs, rule.apiGroups, rule.resources].every((part) => part.includes('*'));
  return everything && rule.resourceNames.length === 0;
}

/** What nobody but an administrator of a namespace has together, in whatever role it is written. */
export const ADMINISTRATOR_MARKS = [
  { verb: 'create', group: '', resource: 'pods' },
  { verb: 'get', group: '', resource: 'secrets' },
  { verb: 'impersonate', group: '', resource: 'serviceaccounts' },
  { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles' },
  { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
] as const;

/** Whether a role, bound in a namespace, makes an administrator of it: `admin`, or one that allows as much. */
export function administersNamespace({ rules }: Pick<CompiledRole, 'rules'>): boolean {
  return ADMINISTRATOR_MARKS.every((mark) =>
    rules.some(
      (rule) =>
        rule.resourceNames.length === 0 &&
        ruleAllows(rule, { kind: 'resource', ...mark, subresource: '', name: '', namespace: '' }),
    ),
  );
}

/** Whether a role, bound everywhere, makes an administrator of the cluster. */
export function administersCluster({ rules }: Pick<CompiledRole, 'rules'>): boolean {
  return rules.some(allowsEverything);
}

/** Indexes of the rules without which the role would not make an administrator of a namespace. */
export function rulesThatAdminister({ rules }: Pick<CompiledRole, 'rules'>): readonly number[] {
  const whole = rules.map((_, index) => index);
  return whole.filter((index) => !administersNamespace({ rules: rules.filter((_, other) => other !== index) }));
}
