import type { Because } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CompiledBinding, CompiledRole } from './objects.ts';
import { describeRule } from './rules.ts';
import type { Grant, PolicyRule } from './types.ts';

/** The chain from a binding over its role to one rule. */
export function grantOf(binding: CompiledBinding, role: CompiledRole, rule: number, policy: PolicyRule): Grant {
  const written = role.writtenIn?.[rule];
  return {
    binding: binding.ref,
    role: role.ref,
    rule: written?.rule ?? rule,
    policy,
    ...(written && written.role !== role.ref ? { aggregatedFrom: written.role } : {}),
    builtIn: binding.builtIn,
  };
}

/** The grant as a reason, pointing at the rule. */
export function becauseOfGrant(grant: Grant, snapshot: Snapshot): Because {
  const { role, rule, policy, aggregatedFrom } = grant;
  const object = aggregatedFrom ?? role;
  const resource = snapshot.get(`${object.kind}.rbac.authorization.k8s.io`, object.namespace, object.name);
  const at = resource && snapshot.locate(resource, ['rules', rule]);
  return {
    kind: 'field',
    object,
    path: `rules[${rule}]`,
    value: policy,
    says: describeGrant(grant),
    ...(at ? { at } : {}),
  };
}

/** `RoleBinding shop/ci gives Role shop/deployer, whose rules[0] allows get on pods`. */
export function describeGrant({ binding, role, rule, policy, aggregatedFrom }: Grant): string {
  const from = aggregatedFrom
    ? `aggregates ${formatRef(aggregatedFrom)}, whose rules[${rule}] allows`
    : `has rules[${rule}]:`;
  return `${formatRef(binding)} gives ${formatRef(role)}, which ${from} ${describeRule(policy)}`;
}
